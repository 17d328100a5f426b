import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ahead, decodedBatches } from '../../electron/engine/images/batches.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { classify, evaluate, strongest } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES, prepare, RGB, withBytes, withUnitRgb } from '../../electron/engine/model/preprocess.ts'
import { probabilitiesOf } from '../../electron/engine/model/probabilities.ts'
import { checkRange } from '../../electron/engine/model/range.ts'
import type { Preprocessing, Sidecar } from '../../electron/engine/model/sidecar.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import type { Graph } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { COLOURS_INPUT, colours, flatImages, writeColours } from '../fixtures/colours.ts'
import { modelFile, sharedFolder, skipReason } from '../fixtures/shared.ts'

let folder: string
let runtime: Runtime
let bgr: Classifier

const write = (name: string, graph: Graph, more: Partial<Sidecar> = {}): Promise<Classifier> =>
  writeColours(folder, name, graph, more)

/** Photographs of one colour are distinguished by their width: copies count once. */
const colour = (r: number, g: number, b: number, width = 20) =>
  sharp({ create: { width, height: 12, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-classify-'))
  runtime = await createCpuRuntime({ threads: 1 })
  // Fed BGR, so its first number is blue: red is predicted by the third.
  bgr = await write('colours', colours([2, 1, 0], 1, -30))
  const images = { red: [200, 50, 30], green: [10, 180, 90], blue: [0, 20, 220] } as const
  for (const [name, [r, g, b]] of Object.entries(images)) {
    await mkdir(join(folder, 'images', name), { recursive: true })
    for (const n of [1, 2, 3]) await writeFile(join(folder, 'images', name, `${n}.png`), await colour(r, g, b, 20 + n))
  }
  await writeFile(join(folder, 'images/red/wrong.png'), await colour(0, 0, 200))
  await writeFile(join(folder, 'images/red/broken.png'), 'nothing')
  await mkdir(join(folder, 'images/holiday'))
  await writeFile(join(folder, 'images/holiday/beach.png'), await colour(1, 2, 3))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

test('the logits of a colour are the network’s numbers for it', async () => {
  const { predictions, unreadable } = await classify(bgr, runtime, [
    { file: join(folder, 'images/red/1.png') },
    { file: join(folder, 'images/red/broken.png') },
    { file: join(folder, 'images/blue/1.png') },
  ])
  // Red 200 − 30, green 50 − 20, blue 30 − 10, each plus 30.
  expect([...predictions[0]!.logits].map(Math.round)).toEqual([200, 60, 50])
  expect([...predictions[1]!.logits].map(Math.round)).toEqual([0, 30, 240])
  expect(unreadable.map(({ source, error }) => [source.file, error.reason])).toEqual([
    [join(folder, 'images/red/broken.png'), 'it is text, not an image'],
  ])
})

test.each([1, 2, 4, 32])('evaluate counts every photograph once, in batches of %i', async batch => {
  const { images } = await findImages([join(folder, 'images')])
  const seen: number[] = []
  const report = ({ done }: { done: number }) => seen.push(done)
  const result = await evaluate(bgr, runtime, images, { batch, report })
  expect(result.n).toBe(10)
  expect(result.top1).toBeCloseTo(0.9)
  expect(result.top5).toBe(1)
  expect(result.perClass.map(({ label, n, top1 }) => [label.name, n, top1])).toEqual([
    ['red', 4, 0.75],
    ['green', 3, 1],
    ['blue', 3, 1],
  ])
  expect(result.unlabelled.map(image => image.relative)).toEqual(['holiday/beach.png'])
  expect(result.unreadable.map(({ source }) => source.relative)).toEqual(['red/broken.png'])
  expect(seen.at(-1)).toBe(11)
})

test('evaluate counts copies of one photograph once', async () => {
  const copies = join(folder, 'copies/red')
  await mkdir(copies, { recursive: true })
  for (const name of ['a.png', 'b.png', 'c.png']) await writeFile(join(copies, name), await colour(200, 50, 30))
  const { images } = await findImages([join(folder, 'copies')])
  expect((await evaluate(bgr, runtime, images, {})).n).toBe(1)
})

test('a cancelled evaluation stops', async () => {
  const { images } = await findImages([join(folder, 'images')])
  await expect(evaluate(bgr, runtime, images, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})

test('all three ways to prepare an image agree, for both orders and odd numbers', async () => {
  const bytes = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => (i * 73) & 255)
  for (const channels of ['RGB', 'BGR'] as const) {
    const preprocessing: Preprocessing = {
      ...COLOURS_INPUT,
      channels,
      range: [-2, 3],
      mean: [0.1, 0.2, 0.3],
      std: [2, 0.5, 3],
    }
    const takes = { input: 'image', preprocessing }
    const g = new GraphBuilder()
    g.input({ name: 'image', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const identity = g.build('identity', [{ name: g.node('Identity', ['image']), type: 'float32', shape: [] }])
    const [output] = identity.outputs
    const fromBytes = await runtime.load(withBytes(identity, takes))
    const fromRgb = await runtime.load(withUnitRgb(identity, takes))
    const unit = new Float32Array(bytes.length)
    for (let n = 0; n < 2; n++)
      for (let pixel = 0; pixel < 64; pixel++)
        for (let c = 0; c < 3; c++) unit[(n * 3 + c) * 64 + pixel] = bytes[(n * 64 + pixel) * 3 + c]! / 255
    const expected = prepare(bytes, preprocessing)
    const a = (await fromBytes.run({ [BYTES]: { type: 'uint8', dims: [2, 8, 8, 3], data: bytes } }))[output!.name]!
    const b = (await fromRgb.run({ [RGB]: float32([2, 3, 8, 8], unit) }))[output!.name]!
    for (const [index, value] of expected.entries()) {
      expect(Number(a.data[index])).toBeCloseTo(value, 4)
      expect(Number(b.data[index])).toBeCloseTo(value, 4)
    }
    // By hand: the first channel of the first pixel, white being 3 and black -2.
    const p = bytes[channels === 'RGB' ? 0 : 2]! / 255
    expect(expected[0]).toBeCloseTo((-2 + 5 * p - 0.1) / 2, 5)
  }
})

test('decoding keeps the order, lists failures in their position, and stays ahead', async () => {
  let running = 0
  let most = 0
  const results: number[] = []
  const slow = async (n: number) => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, (n * 7) % 5))
    running--
    return n
  }
  for await (const n of ahead(
    Array.from({ length: 20 }, (_, i) => i),
    4,
    slow,
  ))
    results.push(n)
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(most).toBe(4)

  const sources = ['red/1', 'red/broken', 'green/1', 'blue/1', 'red/2'].map(name => ({
    file: join(folder, `images/${name}.png`),
  }))
  const batches = []
  for await (const batch of decodedBatches(sources, { size: 8, batch: 2 })) batches.push(batch)
  expect(batches.map(batch => batch.images.map(image => sources.indexOf(image.source)))).toEqual([
    [0, 2],
    [3, 4],
  ])
  expect(batches.map(batch => batch.unreadable.map(({ source }) => sources.indexOf(source)))).toEqual([[1], []])
  expect([...batches[0]!.bytes.subarray(192, 195)]).toEqual([10, 180, 90])
})

test('probabilities add up and do not overflow; the strongest come first', () => {
  const probabilities = probabilitiesOf({ probabilities: 'softmax' }, Float32Array.of(1000, 999, -1000))
  expect(probabilities[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  expect(strongest(Float32Array.of(1, 3, 3, 2), 3)).toEqual([
    { index: 1, value: 3 },
    { index: 2, value: 3 },
    { index: 3, value: 2 },
  ])
})

test('a sidecar is never written over another', async () => {
  await expect(write('colours', colours([0, 1, 2], 1, 0))).rejects.toThrow(/colours\.model\.json exists already/)
})

test('a missing sidecar and a file that is not a model are reported', async () => {
  await writeFile(join(folder, 'bare.onnx'), writeGraph(colours([0, 1, 2], 1, 0)))
  await expect(loadClassifier(join(folder, 'bare.onnx'))).rejects.toThrow(
    /bare\.onnx has no bare\.model\.json .*portolan model init/,
  )
  await expect(loadClassifier(join(folder, 'gone.onnx'))).rejects.toThrow(/gone\.onnx": there is no such file/)
  await writeFile(join(folder, 'text.onnx'), 'hello')
  await expect(loadClassifier(join(folder, 'text.onnx'))).rejects.toThrow(/text\.onnx/)
})

describe('the input range is checked by the predictions', () => {
  /** Distinguishes colours when it is fed 0…255, and hardly when it is fed 0…1. */
  const trained = () => colours([2, 1, 0], 0.1, -30)

  const flat = flatImages(16)

  test('the right range gives no warning; 0 to 1 does', async () => {
    const right = await write('right', trained())
    expect(await checkRange(right, runtime, flat)).not.toHaveProperty('warning')
    const preprocessing: Preprocessing = { ...COLOURS_INPUT, range: [0, 1], mean: [0, 0, 0] }
    const check = await checkRange({ ...right, preprocessing }, runtime, flat)
    expect(check.warning).toMatch(/right makes equal predictions for all images .*check "range"/)
    expect(check.likelier?.preprocessing.range).toEqual([0, 255])
  })

  test('a network with equal predictions in every range is reported as such', async () => {
    const dead = await write('dead', colours([2, 1, 0], 0, 0))
    const { warning, information } = await checkRange(dead, runtime)
    expect(information).toBeLessThan(1e-6)
    expect(warning).toMatch(/dead makes equal predictions for all images .*whatever the range.*check "logits"/)
  })

  const photographs = sharedFolder('images/imagenet-1000')
  describe.each(['bvlc_googlenet', 'inceptionv1-portolan'])('%s', name => {
    const file = modelFile(`${name}.onnx`)
    const there = file !== undefined && photographs !== undefined
    test.skipIf(!there)(
      `wrong ranges and a wrong order of channels are found out${there ? '' : ` (skipped: ${skipReason})`}`,
      async () => {
        const classifier = await loadClassifier(file!)
        const { images } = await findImages([photographs!])
        const some = images.filter((_, index) => index % 63 === 0)
        let bytes = new Uint8Array()
        for await (const batch of decodedBatches(some, { size: 224, batch: some.length }))
          bytes = new Uint8Array(batch.bytes)
        const check = (change: Partial<Preprocessing>) =>
          checkRange({ ...classifier, preprocessing: { ...classifier.preprocessing, ...change } }, runtime, bytes)
        expect((await check({})).warning).toBeUndefined()
        expect((await check({ channels: 'RGB' })).warning).toMatch(/with BGR than with RGB/)
        expect((await check({ range: [0, 1], mean: [0, 0, 0] })).warning).toMatch(
          /equal predictions for all images.*0 to 255/,
        )
      },
      180_000,
    )
  })
})
