import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES, prepare, withBytes } from '../../electron/engine/model/preprocess.ts'
import { extract } from '../../electron/engine/onnx/graph.ts'
import { float32, type Tensor } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Program, Runtime } from '../../electron/engine/runtime/runtime.ts'
import { goldenPixels } from '../fixtures/golden.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'

/** Numbers from an independent PyTorch implementation; see ../shared/README.md. */
const Golden = z.object({
  tolerances: z.object({ logit_abs: z.number(), activation_rel: z.number() }),
  images: z.array(
    z.object({
      file: z.string(),
      top5: z.array(z.tuple([z.string(), z.string(), z.number()])),
      logits_file: z.string(),
      activations: z.record(
        z.string(),
        z.object({
          shape: z.tuple([z.number(), z.number(), z.number()]),
          l2: z.number(),
          samples: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
        }),
      ),
    }),
  ),
})

const folder = sharedFolder('reference/googlenet')
const model = sharedFolder('models/bvlc_googlenet.onnx')

describe.skipIf(!folder || !model)(`GoogLeNet gives the golden numbers (skipped where ${skipReason})`, () => {
  const golden = folder
    ? Golden.parse(JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')))
    : { images: [], tolerances: { logit_abs: 0, activation_rel: 0 } }
  const { logit_abs, activation_rel } = golden.tolerances
  let classifier: Classifier
  let runtime: Runtime
  let program: Program

  beforeAll(async () => {
    classifier = await loadClassifier(model!)
    runtime = await createCpuRuntime()
    const ends = [classifier.logits, ...classifier.layers.map(layer => layer.tensor)]
    const graph = extract(
      classifier.graph,
      ends.map(name => ({ name, type: 'float32', shape: [] })),
    )
    program = await runtime.load(withBytes(graph, classifier))
  })
  afterAll(() => runtime?.close())

  const numbers = (tensor: Tensor | undefined): Float32Array => {
    if (tensor?.type !== 'float32') throw new Error('not float32')
    return tensor.data
  }

  test('there are images to compare, and nine layers in each', () => {
    expect(golden.images.length).toBeGreaterThan(0)
    for (const image of golden.images) expect(Object.keys(image.activations)).toHaveLength(9)
  })

  test.each(golden.images.map(image => [image.file, image] as const))('%s', async (file, image) => {
    const rgb = await goldenPixels(file)
    const outputs = await program.run({ [BYTES]: { type: 'uint8', dims: [1, 224, 224, 3], data: rgb } })

    const logits = numbers(outputs[classifier.logits])
    const bytes = readFileSync(`${folder}/${image.logits_file}`)
    const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    expect(logits.length).toBe(expected.length)
    expect(Math.max(...logits.map((logit, index) => Math.abs(logit - expected[index]!)))).toBeLessThan(logit_abs)
    const best = logits.indexOf(Math.max(...logits))
    expect(classifier.labels[best]!.synset).toBe(image.top5[0]![0])

    for (const [name, { shape, l2, samples }] of Object.entries(image.activations)) {
      const layer = classifier.layers.find(other => other.name === name)!
      const [channels, height, width] = shape
      expect([layer.channels, layer.height, layer.width]).toEqual(shape)
      const activations = numbers(outputs[layer.tensor])
      const norm = Math.sqrt(activations.reduce((sum, value) => sum + value * value, 0))
      expect(Math.abs(norm - l2) / l2).toBeLessThan(activation_rel)
      // Relative to the layer's own root mean square: a single activation may be 0.
      const scale = l2 / Math.sqrt(channels * height * width)
      for (const [channel, y, x, value] of samples) {
        const found = activations[(channel * height + y) * width + x]!
        expect(Math.abs(found - value)).toBeLessThan(activation_rel * Math.max(scale, Math.abs(value)))
      }
    }
  })

  test('preprocessing in the graph and outside it give the same result', async () => {
    const rgb = await goldenPixels(golden.images[0]!.file)
    const plain = await runtime.load(classifier.graph)
    const data = float32([1, 3, 224, 224], prepare(rgb, classifier.preprocessing))
    const inside = numbers(
      (await program.run({ [BYTES]: { type: 'uint8', dims: [1, 224, 224, 3], data: rgb } }))[classifier.logits],
    )
    const outside = numbers((await plain.run({ [classifier.input]: data }))[classifier.logits])
    for (const [index, logit] of inside.entries()) expect(Math.abs(logit - outside[index]!)).toBeLessThan(1e-4)
  })
})
