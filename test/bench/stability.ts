import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { newLayout } from '../../electron/contract/layout.ts'
import { Space } from '../../electron/engine/layout/native/space.ts'
import { Nearest } from '../../electron/engine/layout/nearest.ts'
import { neighbours, roomFor } from '../../electron/engine/layout/neighbours.ts'
import { normalise } from '../../electron/engine/layout/normalise.ts'
import { axesFor, firstAxes, noisyStart, principalCoordinates } from '../../electron/engine/layout/pca.ts'
import { layoutQuality } from '../../electron/engine/layout/quality.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { allowedPerplexity, tsne } from '../../electron/engine/layout/tsne.ts'
import { umap } from '../../electron/engine/layout/umap.ts'
import { Random } from '../../electron/engine/random/random.ts'

/*
 * How far a layout depends on its seed: Procrustes distance and shared neighbours between the layouts of several seeds.
 *   node test/bench/stability.ts --file activations.f32 --channels 512 --n 10000 [--epochs 200] [--method tsne]
 * The file holds float32 activations, [samples, channels]; n of them are chosen at random.
 */

const NEIGHBOURS = 15
/** Samples whose neighbours are compared. */
const COMPARED = 2_000

/**
 * Procrustes disparity (as scipy's): the sum of squares that remains after both layouts are centred, scaled to norm 1 and
 * rotated (or mirrored) onto each other. @param a, b [n, 2]
 */
export function procrustes(a: Float64Array, b: Float64Array): number {
  const [p, q] = [standardised(a), standardised(b)]
  let [xx, xy, yx, yy] = [0, 0, 0, 0]
  for (let i = 0; i < p.length; i += 2) {
    xx += p[i]! * q[i]!
    xy += p[i]! * q[i + 1]!
    yx += p[i + 1]! * q[i]!
    yy += p[i + 1]! * q[i + 1]!
  }
  // The sum of the singular values of a 2 × 2 matrix: √(‖M‖² + 2|det M|).
  const singular = Math.sqrt(xx ** 2 + xy ** 2 + yx ** 2 + yy ** 2 + 2 * Math.abs(xx * yy - xy * yx))
  return 1 - singular ** 2
}

function standardised(layout: Float64Array): Float64Array {
  const n = layout.length / 2
  const mean = [0, 0]
  layout.forEach((x, p) => {
    mean[p % 2]! += x / n
  })
  const centred = layout.map((x, p) => x - mean[p % 2]!)
  const norm = Math.sqrt(centred.reduce((sum, x) => sum + x * x, 0))
  return centred.map(x => x / norm)
}

/** The mean share of each sample's k nearest in one layout that are among its k nearest in the other. */
export function sharedNeighbours(a: Float64Array, b: Float64Array, checked: Int32Array): number {
  let shared = 0
  for (const i of checked) {
    const inA = new Set(nearest(a, i))
    for (const j of nearest(b, i)) if (inA.has(j)) shared++
  }
  return shared / (checked.length * NEIGHBOURS)
}

function nearest(layout: Float64Array, i: number): Int32Array {
  const found = new Nearest(1, NEIGHBOURS)
  for (let j = 0; j < layout.length / 2; j++)
    if (j !== i)
      found.offer(0, j, (layout[2 * j]! - layout[2 * i]!) ** 2 + (layout[2 * j + 1]! - layout[2 * i + 1]!) ** 2)
  return found.sorted().indices
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      channels: { type: 'string', default: '512' },
      n: { type: 'string', default: '10000' },
      seeds: { type: 'string', default: '3' },
      epochs: { type: 'string' },
      method: { type: 'string', default: 'umap' },
    },
  })
  if (values.file === undefined) throw new Error('--file is required: float32 activations')
  const { signal } = new AbortController()
  const report = (): void => {}
  const channels = Number(values.channels)
  const bytes = readFileSync(values.file)
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4 / channels) * channels)
  const chosen = new Random('stability', 1).subset(all.length / channels, Number(values.n))
  const samples: Samples = { rows: new Float32Array(chosen.length * channels), n: chosen.length, channels }
  chosen.forEach((from, to) => {
    samples.rows.set(all.subarray(from * channels, (from + 1) * channels), to * channels)
  })
  const method = values.method === 'tsne' ? 'tsne' : 'umap'
  const params = newLayout({ method, ...(values.epochs === undefined ? {} : { epochs: Number(values.epochs) }) })
  const perplexity = allowedPerplexity(params.perplexity, samples.n)
  const k = method === 'umap' ? params.neighbours - 1 : Math.ceil(3 * perplexity)
  const space = await Space.open(samples, params.metric, roomFor(samples.n, k))
  const near = await neighbours(space, { k, seed: 1, signal, report })
  const layouts: Float64Array[] = []
  const seconds: number[] = []
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    const principal = firstAxes(await principalCoordinates(space, 2, seed), axesFor(2), 2)
    const start = noisyStart(principal, seed)
    const cpu = process.cpuUsage()
    const made =
      method === 'umap'
        ? (await umap([{ neighbours: near, start }], params, seed, signal, report))[0]!
        : await tsne(near, start, { ...params, perplexity }, signal, report)
    seconds.push(process.cpuUsage(cpu).user / 1e6)
    layouts.push(normalise(made, 2))
  }
  const checked = new Random('compared', 1).subset(samples.n, COMPARED)
  const pairs = layouts.flatMap((a, i) =>
    layouts.slice(i + 1).map(b => ({ procrustes: procrustes(a, b), shared: sharedNeighbours(a, b, checked) })),
  )
  const quality = await layoutQuality(space, layouts[0]!, 2, 1, signal)
  await space.close()
  console.log(JSON.stringify({ method, n: samples.n, epochs: params.epochs, seconds, pairs, quality }))
}
