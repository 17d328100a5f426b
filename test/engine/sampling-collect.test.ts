import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeImage } from '../../electron/engine/images/decode.ts'
import { encodePng } from '../../electron/engine/images/encode.ts'
import { BYTES, withBytes } from '../../electron/engine/model/preprocess.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { type CollectOptions, collect, type SampleBatch } from '../../electron/engine/sampling/collect.ts'
import { positionsIn, unitAt } from '../../electron/engine/sampling/positions.ts'
import { classifierFrom, edgeOf } from '../fixtures/classifier.ts'
import { inception } from '../fixtures/networks.ts'
import { random } from '../fixtures/random.ts'

const classifier = classifierFrom(inception({ channels: 8 }))
type Source = { readonly file: string }

let runtime: Runtime
let folder: string
let sources: readonly Source[]

beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
  folder = await mkdtemp(join(tmpdir(), 'portolan-sampling-'))
  const uniform = random(3)
  const files = Array.from({ length: 11 }, (_, i) => join(folder, `${i}.png`))
  for (const [i, file] of files.entries()) {
    const [width, height] = [40 + i, 30 + 2 * i]
    const rgb = Uint8Array.from({ length: width * height * 3 }, () => 256 * uniform())
    await writeFile(file, i === 4 ? 'this is no photograph' : await encodePng({ rgb, width, height }))
  }
  sources = files.map(file => ({ file }))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

async function all(more: Partial<CollectOptions<Source>> = {}): Promise<SampleBatch<Source>[]> {
  const options = { classifier, runtime, sources, positionsPerImage: 2, seed: 9, batch: 4, ...more }
  return Array.fromAsync(collect(options))
}
const joined = (batches: readonly SampleBatch<Source>[], layer: string): number[] =>
  batches.flatMap(batch => [...batch.activations.get(layer)!])

describe('collecting samples', () => {
  it('gives the activations that the layers have at the units of the positions', async () => {
    const [first] = await all()
    const size = edgeOf(classifier)
    for (const layer of classifier.layers) {
      const outputs = [{ name: layer.tensor, type: 'float32', shape: ['N', layer.channels, 'h', 'w'] }] as const
      const program = await runtime.load(withBytes({ ...classifier.graph, outputs }, classifier))
      for (const [i, image] of first!.images.entries()) {
        const { rgb } = await decodeImage(image.source.file, { size })
        const results = await program.run({ [BYTES]: { type: 'uint8', dims: [1, size, size, 3], data: rgb } })
        for (let p = 0; p < 2; p++) {
          const { y, x } = unitAt(first!.positions[2 * i + p]!, layer)
          for (let k = 0; k < layer.channels; k++) {
            const expected = Number(results[layer.tensor]!.data[(k * layer.height + y) * layer.width + x])
            const found = first!.activations.get(layer.name)![(2 * i + p) * layer.channels + k]!
            expect(found).toBeCloseTo(expected, 4)
          }
        }
      }
      await program.release()
    }
  })

  it('draws the positions by seed and photograph, over all named layers', async () => {
    const [first] = await all({ layers: classifier.layers.slice(0, 1) })
    const coarsest = classifier.layers.at(-1)!
    const expected = first!.images.flatMap(({ hash }) => positionsIn(9, hash, 2, coarsest))
    expect(first!.positions).toEqual(expected)
  })

  it('processes every photograph in order, and lists unreadable files', async () => {
    const batches = await all()
    expect(batches.flatMap(batch => batch.images.map(image => image.source))).toEqual(sources.filter((_, i) => i !== 4))
    const unreadable = batches.flatMap(batch => batch.unreadable)
    expect(unreadable.map(({ source }) => source)).toEqual([sources[4]])
    expect(unreadable[0]!.error.reason).toBe('it is text, not an image')
    expect(batches.map(batch => batch.done)).toEqual([4, 9, 11])
    for (const { images, positions, activations } of batches) {
      expect(positions).toHaveLength(2 * images.length)
      for (const { name, channels } of classifier.layers)
        expect(activations.get(name)).toHaveLength(positions.length * channels)
    }
  })

  it('resumes after any batch with the same bytes', async () => {
    const whole = await all()
    const rest = await all({ sources: sources.slice(whole[0]!.done) })
    for (const { name } of classifier.layers) expect(joined(rest, name)).toEqual(joined(whole.slice(1), name))
  })

  it('gives a layer the same bytes whichever others are collected', async () => {
    const name = classifier.layers[1]!.name
    const alone = await all({ layers: classifier.layers.slice(1, 2) })
    expect(joined(alone, name)).toEqual(joined(await all(), name))
  })

  it('draws other positions with another seed', async () => {
    const [one, other] = [await all(), await all({ seed: 10 })]
    expect(one[0]!.positions).not.toEqual(other[0]!.positions)
  })

  it('reports progress up to the end', async () => {
    const seen: (readonly [stage: string, share: number])[] = []
    await all({ report: ({ stage, done, total }) => seen.push([stage, done / total]) })
    const samples = [0, 4 / 11, 9 / 11, 1].map(share => ['sampling', share])
    expect(seen).toEqual([['compiling the network', 0], ...samples])
  })

  it('stops between two batches when it is cancelled', async () => {
    const controller = new AbortController()
    let batches = 0
    const run = async () => {
      for await (const _ of collect({
        classifier,
        runtime,
        sources,
        positionsPerImage: 1,
        seed: 1,
        batch: 4,
        signal: controller.signal,
      })) {
        batches++
        controller.abort()
      }
    }
    await expect(run()).rejects.toMatchObject({ name: 'AbortError' })
    expect(batches).toBe(1)
  })

  it('returns nothing for no photographs, and lists those of a folder without readable ones', async () => {
    expect(await all({ sources: [] })).toEqual([])
    const [only] = await all({ sources: sources.slice(4, 5) })
    expect(only).toMatchObject({ done: 1, images: [], positions: [] })
    expect(only!.unreadable).toHaveLength(1)
  })

  it('refuses more positions than a photograph has', async () => {
    await expect(all({ positionsPerImage: 99 })).rejects.toThrow(/cannot draw 99 positions from one photograph/)
  })
})
