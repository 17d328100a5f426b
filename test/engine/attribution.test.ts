import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { classMap } from '../../electron/engine/attribution/class-map.ts'
import { byClosedForm, closedForm } from '../../electron/engine/attribution/closed-form.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import type { MaxPoolDerivative } from '../../electron/engine/autodiff/options.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { BYTES, withBytes } from '../../electron/engine/model/preprocess.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom, edgeOf } from '../fixtures/classifier.ts'
import { networks } from '../fixtures/networks.ts'
import { random } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

/** Photographs of noise. */
function noise(classifier: Classifier, count: number): Uint8Array {
  const uniform = random(5)
  const size = edgeOf(classifier)
  return Uint8Array.from({ length: count * size * size * 3 }, () => 256 * uniform())
}

/** Two photographs with two and one samples, somewhere in the layer, corners included. */
const samplesOf = (layer: Layer) => {
  const last = layer.height * layer.width - 1
  return { imageOf: [0, 0, 1], units: [0, last >> 1, last] }
}

/** attr_c = Σ_k a_k ∂logit_c/∂A[k, y, x] as it is defined: a backward pass for each class. */
async function byReverseMode(classifier: Classifier, layer: Layer, pool: MaxPoolDerivative, bytes: Uint8Array) {
  const { graph, logits, labels } = classifier
  const size = edgeOf(classifier)
  const outputs = [{ name: layer.tensor, type: 'float32', shape: ['N', layer.channels, 'h', 'w'] }] as const
  const backward = gradient({ ...graph, outputs }, { of: logits, seed: 'class', wrt: [layer.tensor], maxPool: pool })
  const program = await runtime.load(withBytes(lower(backward), classifier))
  const { imageOf, units } = samplesOf(layer)
  const n = bytes.length / (size * size * 3)
  const attributions = imageOf.map(() => new Float32Array(labels.length))
  const plane = layer.height * layer.width
  for (let c = 0; c < labels.length; c++) {
    const seed = float32([n, labels.length])
    for (let image = 0; image < n; image++) seed.data[image * labels.length + c] = 1
    const dims = [n, size, size, 3]
    const results = await program.run({ [BYTES]: { type: 'uint8', dims, data: bytes }, class: seed })
    const [activation, slope] = [results[layer.tensor]!, results[gradientOf(layer.tensor)]!]
    for (const [sample, image] of imageOf.entries())
      for (let k = 0; k < layer.channels; k++) {
        const at = (image * layer.channels + k) * plane + units[sample]!
        attributions[sample]![c]! += Number(activation.data[at]) * Number(slope.data[at])
      }
  }
  await program.release()
  return attributions.flatMap(row => [...row])
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs))

describe.each(Object.entries(networks))('attribution in a %s network', (_, network) => {
  const classifier = classifierFrom(network())
  const bytes = noise(classifier, 2)

  it.each(classifier.layers)('is gradient times activation, for every class, at $name', async layer => {
    const expected = await byReverseMode(classifier, layer, 'exact', bytes)
    const attributor = await createAttributor(classifier, runtime, [layer])
    const { imageOf, units } = samplesOf(layer)
    const found = await attributor.run(bytes, { imageOf, units: new Map([[layer.name, units]]) })
    const { attributions } = found.get(layer.name)!
    expect(largest(expected)).toBeGreaterThan(1e-6)
    for (const [i, value] of expected.entries())
      expect(Math.abs(attributions[i]! - value)).toBeLessThan(1e-4 * largest(expected))
    await attributor.release()
  })

  it.each(classifier.layers)(
    'of one class is the same at all positions at once, by reverse mode, at $name',
    async layer => {
      const attributor = await createAttributor(classifier, runtime, [layer])
      const units = Array.from({ length: layer.height * layer.width }, (_, unit) => unit)
      const half = bytes.subarray(bytes.length / 2)
      const { attributions } = (
        await attributor.run(half, { imageOf: units.map(() => 0), units: new Map([[layer.name, units]]) })
      ).get(layer.name)!
      await attributor.release()
      const classes = classifier.labels.length
      for (const index of [0, classes - 1]) {
        const map = await classMap(classifier, runtime, layer, half, index)
        const expected = units.map(unit => attributions[unit * classes + index]!)
        expect(map).toHaveLength(units.length)
        for (const [unit, value] of expected.entries())
          expect(Math.abs(map[unit]! - value)).toBeLessThan(1e-4 * largest(expected) + 1e-7)
      }
    },
  )

  it('is the same for all layers at once, sample by sample', async () => {
    const all = await createAttributor(classifier, runtime, classifier.layers)
    const where = classifier.layers.map(layer => [layer.name, samplesOf(layer).units] as const)
    const together = await all.run(bytes, { imageOf: [0, 0, 1], units: new Map(where) })
    for (const layer of classifier.layers) {
      const one = await createAttributor(classifier, runtime, [layer])
      const half = bytes.subarray(bytes.length / 2)
      const last = new Map([[layer.name, samplesOf(layer).units.slice(2)]])
      const alone = (await one.run(half, { imageOf: [0], units: last })).get(layer.name)!
      const { attributions, activations } = together.get(layer.name)!
      expect(alone.activations).toEqual(activations.slice(2 * layer.channels))
      const expected = [...attributions.slice(2 * classifier.labels.length)]
      for (const [c, value] of expected.entries())
        expect(Math.abs(alone.attributions[c]! - value)).toBeLessThan(1e-5 * largest(expected))
      await one.release()
    }
    await all.release()
  })
})

describe('relaxed max-pooling', () => {
  const classifier = classifierFrom(networks.inception())
  const layer = classifier.layers[0]!
  const bytes = noise(classifier, 2)

  it.each(['relaxed-l2', 'relaxed-avg'] as const)('agrees between forward and reverse mode: %s', async pool => {
    const expected = await byReverseMode(classifier, layer, pool, bytes)
    const attributor = await createAttributor(classifier, runtime, [layer], pool)
    const { imageOf, units } = samplesOf(layer)
    const found = await attributor.run(bytes, { imageOf, units: new Map([[layer.name, units]]) })
    for (const [i, value] of expected.entries())
      expect(Math.abs(found.get(layer.name)!.attributions[i]! - value)).toBeLessThan(1e-4 * largest(expected))
    await attributor.release()
  })

  it('differs from exact where a max-pool comes after the layer', async () => {
    const [exact, relaxed] = await Promise.all(
      (['exact', 'relaxed-avg'] as const).map(pool => byReverseMode(classifier, layer, pool, bytes)),
    )
    expect(largest(exact!.map((value, i) => value - relaxed![i]!))).toBeGreaterThan(0.01 * largest(exact!))
  })
})

describe('the closed form', () => {
  it.each(Object.entries(networks))('holds at the last layer of a %s network, and only there', (_, network) => {
    const classifier = classifierFrom(network())
    const holds = classifier.layers.map(layer => closedForm(classifier, layer) !== undefined)
    expect(holds).toEqual(classifier.layers.map((_, i) => i === classifier.layers.length - 1))
  })

  it("is a·W/(H·W), and equals the graph's result", async () => {
    const classifier = classifierFrom(networks.inception())
    const layer = classifier.layers.at(-1)!
    const attributor = await createAttributor(classifier, runtime, [layer])
    const { imageOf, units } = samplesOf(layer)
    const found = await attributor.run(noise(classifier, 2), { imageOf, units: new Map([[layer.name, units]]) })
    const { activations, attributions } = found.get(layer.name)!
    const weights = classifier.graph.initializers.get('fc.weight')!
    for (let sample = 0; sample < 3; sample++)
      for (let c = 0; c < classifier.labels.length; c++) {
        let expected = 0
        for (let k = 0; k < layer.channels; k++)
          expected += activations[sample * layer.channels + k]! * Number(weights.data[c * layer.channels + k])
        expected /= layer.height * layer.width
        expect(attributions[sample * classifier.labels.length + c]).toBeCloseTo(expected, 5)
      }
    const direct = byClosedForm(activations, closedForm(classifier, layer)!)
    for (const [i, value] of direct.entries()) expect(attributions[i]).toBeCloseTo(value, 5)
    await attributor.release()
  })
})
