import { UMAP } from 'umap-js'
import { beforeAll, describe, expect, it } from 'vitest'
import { newLayout } from '../../electron/contract/layout.ts'
import { fuzzyGraph, graphBytes } from '../../electron/engine/layout/native/graph.ts'
import { KernelMemory } from '../../electron/engine/layout/native/memory.ts'
import { Team } from '../../electron/engine/layout/native/team.ts'
import type { Neighbours } from '../../electron/engine/layout/neighbours.ts'
import { normalise } from '../../electron/engine/layout/normalise.ts'
import { noisyStart } from '../../electron/engine/layout/pca.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { umap } from '../../electron/engine/layout/umap.ts'
import { shippedActivations } from '../fixtures/shipped-activations.ts'
import { umapJs } from '../fixtures/umap-js.ts'
import { calm, neighboursOf, principalOf, qualityOfLayout } from '../unit/layout-data.ts'

const { signal, report } = calm
const SAMPLES = 1_000
/** umap-js takes half a minute for 500. */
const EPOCHS = 200

describe('the kernel and umap-js', () => {
  let samples: Samples
  let near: Neighbours
  beforeAll(async () => {
    samples = await shippedActivations('mixed4c', SAMPLES)
    near = await neighboursOf(samples, { k: 15, metric: 'cosine' })
  })

  it('make the same fuzzy graph, also of duplicates', async () => {
    const distances = near.distances.slice()
    // The first 40 samples equal their first 3 neighbours, the next 10 all of them.
    for (let i = 0; i < 50; i++) distances.fill(0, i * near.k, i * near.k + (i < 40 ? 3 : near.k))
    const memory = KernelMemory.create(graphBytes(SAMPLES, near.k), 1)
    const team = new Team(memory)
    const { starts, columns, shares } = await fuzzyGraph({ ...near, distances }, 500, memory, team)

    const reference = new UMAP({ nNeighbors: near.k + 1, nEpochs: 500 })
    const rows = Array.from({ length: SAMPLES }, (_, i) => i)
    reference.setPrecomputedKNN(
      rows.map(i => [i, ...near.indices.subarray(i * near.k, (i + 1) * near.k)]),
      rows.map(i => [0, ...distances.subarray(i * near.k, (i + 1) * near.k)]),
    )
    reference.initializeFit(rows.map(() => []))
    // Private, and the only place where the library keeps its graph.
    const { graph } = reference as unknown as {
      graph: { get(row: number, column: number): number; getValues(): number[] }
    }
    const largest = graph.getValues().reduce((maximum, value) => Math.max(maximum, value), 0)
    let kept = 0
    let worst = 0
    for (let i = 0; i < SAMPLES; i++)
      for (let e = starts[i]!; e < starts[i + 1]!; e++) {
        const share = graph.get(i, columns[e]!) / largest
        worst = Math.max(worst, Math.abs(share - shares[e]!))
        kept++
      }
    expect(worst).toBeLessThan(1e-4)
    // Entries below one in 500 are left out by both; at the threshold rounding decides.
    const expected = graph.getValues().filter(value => value / largest >= 1 / 500).length
    expect(Math.abs(kept - expected)).toBeLessThan(5)
  })

  it('keep neighbourhoods equally well, to .005', async () => {
    const params = newLayout({ neighbours: 16, epochs: EPOCHS })
    const start = noisyStart(await principalOf(samples, 2, 'cosine', 1), 1)
    const quality = async (layout: Float64Array) => {
      const { trustworthiness, preservation } = (await qualityOfLayout(samples, normalise(layout, 2), 2, 'cosine', 1))!
      return [trustworthiness.value, preservation!.value] as const
    }
    const [made] = await umap([{ neighbours: near, start }], params, 1, signal, report)
    const ours = await quality(made!)
    const theirs = await quality(umapJs(near, start, params, 1))
    for (const which of [0, 1] as const) expect(ours[which] - theirs[which]).toBeGreaterThan(-0.005)
  })
})
