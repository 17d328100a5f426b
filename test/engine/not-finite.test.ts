import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { activationGrid } from '../../electron/engine/image/positions.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { classify, evaluate } from '../../electron/engine/model/classify.ts'
import { allFinite, NotFinite } from '../../electron/engine/model/finite.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { parseSidecar } from '../../electron/engine/model/sidecar.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { frameClassifier } from '../../electron/engine/patch/classify.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { collect } from '../../electron/engine/sampling/collect.ts'
import { normals } from '../fixtures/random.ts'

/** The logarithm of the pixels: finite of bright photographs, not of black ones. @param weight of the first layer */
function logarithm(weight = 1): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'image', type: 'float32', shape: ['N', 3, 8, 8] })
  const eye = float32([3, 3, 1, 1], [weight, 0, 0, 0, 1, 0, 0, 0, 1])
  const conv = g.node('Conv', ['image', g.initializer(eye)], { strides: ints([2, 2]) })
  g.append({ op: 'Log', domain: '', name: 'log', inputs: [conv], outputs: ['log'], attributes: {} })
  const mean = g.node('ReduceMean', ['log'], { axes: ints([2, 3]), keepdims: int(0) })
  const logits = g.node('Gemm', [mean, g.initializer(float32([3, 4], normals(1, 12, 1)))])
  return g.build('logarithm', [{ name: logits, type: 'float32', shape: [] }])
}

const load = (graph: Graph): Classifier => {
  const file = { file: 'net.onnx', hash: graph.name, graph }
  const { input, ...sidecar } = proposeSidecar(file)
  return classifierOf(file, {
    ...sidecar,
    layers: { log: 'log' },
    input: { ...input, mean: [0, 0, 0], std: [1, 1, 1] },
  })
}

let folder: string
let runtime: Runtime
const black = { file: '' }
const bright = { file: '' }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-finite-'))
  runtime = await createCpuRuntime({ threads: 1 })
  for (const [source, value] of [
    [black, 0],
    [bright, 200],
  ] as const) {
    source.file = join(folder, `${value}.png`)
    const background = { r: value, g: value, b: value }
    await sharp({ create: { width: 8, height: 8, channels: 3, background } }).toFile(source.file)
  }
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

describe('numbers that are not finite are never ranked, averaged or stored', () => {
  test('of classified photographs those are listed, with the reason', async () => {
    const { predictions, unreadable } = await classify(load(logarithm()), runtime, [bright, black])
    expect(predictions.map(({ source }) => source)).toEqual([bright])
    expect(unreadable.map(({ source }) => source)).toEqual([black])
    expect(unreadable[0]!.error).toBeInstanceOf(NotFinite)
    expect(unreadable[0]!.error.message).toMatch(/cannot use the image .*0\.png.*NaN or infinity at its logits; check/)
  })
  test('where no photograph has finite logits, it is refused', async () => {
    const classifier = load(logarithm())
    await expect(classify(classifier, runtime, [black])).rejects.toThrow(/NaN or infinity for the photograph; check/)
    const labelled = [1, 2].map(() => ({ ...black, classHint: 'class 1' }))
    await expect(evaluate(classifier, runtime, labelled)).rejects.toThrow(/NaN or infinity for all 2 photographs/)
  })
  test('an evaluation counts those that have', async () => {
    const found = await evaluate(load(logarithm()), runtime, [
      { ...bright, classHint: 'class 1' },
      { ...black, classHint: 'class 1' },
    ])
    expect([found.n, found.unreadable.length]).toEqual([1, 1])
  })
  test('sampling names the layer and the photograph', async () => {
    const run = async () => {
      for await (const _ of collect({
        classifier: load(logarithm()),
        runtime,
        sources: [bright, black],
        positionsPerImage: 2,
        seed: 1,
      }));
    }
    await expect(run()).rejects.toThrow(/cannot sample layer "log": .* for 1 of 2 photographs \(.*0\.png\)/)
  })
  test('attributions, grids and patches', async () => {
    const classifier = load(logarithm())
    const [layer] = classifier.layers
    const dark = new Uint8Array(192)
    const attributor = await createAttributor(classifier, runtime, [layer!])
    await expect(attributor.run(dark, { imageOf: [0], units: new Map([['log', [0]]]) })).rejects.toThrow(
      /NaN or infinity in the activations of layer "log"/,
    )
    await attributor.release()
    await expect(activationGrid(classifier, runtime, layer!, dark)).rejects.toThrow(/layer "log"/)
    const net = await frameClassifier(classifier, runtime)
    await expect(net.logits(dark)).rejects.toThrow(/NaN or infinity in its logits/)
    await net.release()
  })
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a weight of %d is refused when the model is read', weight =>
    expect(() => load(logarithm(weight))).toThrow(/net\.onnx: 1 of the 9 numbers of its weight "constant" are NaN/),
  )
})

test.each([
  [{ mean: [1e38, 1e38, 1e38] }, /"input.mean.0" is 1e\+38/],
  [{ std: [1e-320, 1, 1] }, /"input.std" is \[1e-320,1,1\], but must be three numbers of 0\.000001 or more/],
  [{ range: [0, 1e30] }, /"input.range.1" is 1e\+30/],
])('a preparation that no picture survives is refused: %j', (change, message) => {
  const input = { size: 224, channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1], ...change }
  const text = JSON.stringify({ name: 'Net', input, logits: 'fc', layers: {} })
  expect(() => parseSidecar(text, 'net.model.json')).toThrow(message)
})

test('finite or not', () => {
  expect(allFinite([1, -1e308, 0])).toBe(true)
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect([allFinite([1, bad]), allFinite([bad, 1], 1)]).toEqual([false, true])
})
