import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { classMap } from '../../electron/engine/attribution/class-map.ts'
import { activationGrid } from '../../electron/engine/image/positions.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import { requireInvertible } from '../../electron/engine/inversion/layer-size.ts'
import type { Layer } from '../../electron/engine/model/classifier.ts'
import { prepare } from '../../electron/engine/model/preprocess.ts'
import { extract } from '../../electron/engine/onnx/graph.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import type { Value } from '../fixtures/interpreter/value.ts'
import { random } from '../fixtures/random.ts'
import { transformers } from '../fixtures/transformers.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const SIZE = 32
const uniform = random(3)
const bytes = Uint8Array.from({ length: 2 * SIZE * SIZE * 3 }, () => 256 * uniform())
const STEP = 1e-4

type Family = keyof typeof transformers

/** Where the channels of a unit begin in a layer as each family holds it, written here once more by hand. */
const OFFSETS: Readonly<Record<Family, (layer: Layer, image: number, unit: number) => number>> = {
  vit: ({ channels, height, width }, image, unit) => (image * (1 + height * width) + 1 + unit) * channels,
  clip: ({ channels }, image, unit) => ((1 + unit) * 2 + image) * channels,
  swin: ({ channels, height, width }, image, unit) => (image * height * width + unit) * channels,
}

/** Activations and attributions of one unit, by central differences along the activation itself, in double precision. */
function byDifferences(family: Family) {
  const classifier = classifierFrom(transformers[family]())
  const { graph, logits, labels, input } = classifier
  const image: Value = { dims: [2, 3, SIZE, SIZE], data: [...prepare(bytes, classifier.preprocessing)] }
  const values = interpret(graph, { [input]: image })
  const end = { name: logits, type: 'float32', shape: ['N', labels.length] } as const
  return (layer: Layer, from: number, unit: number) => {
    const whole = values.get(layer.tensor)!
    const at = OFFSETS[family](layer, from, unit)
    const own = { name: layer.tensor, type: 'float32', shape: whole.dims } as const
    const tail = extract(graph, [end], [own])
    const logitsAt = (scale: number): readonly number[] => {
      const data = whole.data.map((each, i) => (i >= at && i < at + layer.channels ? each * scale : each))
      const result = interpret(tail, { [input]: image, [layer.tensor]: { dims: whole.dims, data } })
      return result.get(logits)!.data.slice(from * labels.length, (from + 1) * labels.length)
    }
    const [more, less] = [logitsAt(1 + STEP), logitsAt(1 - STEP)]
    return {
      activation: whole.data.slice(at, at + layer.channels),
      attribution: more.map((each, c) => (each - less[c]!) / (2 * STEP)),
    }
  }
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs))

function expectNear(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance * largest(expected))
}

describe.each(['vit', 'clip', 'swin'] as const)('a %s', family => {
  const classifier = classifierFrom(transformers[family]())
  const differences = byDifferences(family)
  /** The last block. */
  const last = classifier.layers.at(-2)!.name
  const imageOf = [0, 0, 1, 1]
  const unitsOf = ({ height, width }: Layer) => [0, width + 1, height * width - 2, height * width - 1]

  it.each(classifier.layers)(
    'has activations and attributions at the tokens of the positions of $name',
    async layer => {
      const attributor = await createAttributor(classifier, runtime, [layer])
      const units = unitsOf(layer)
      const { activations, attributions } = (
        await attributor.run(bytes, { imageOf, units: new Map([[layer.name, units]]) })
      ).get(layer.name)!
      for (const [sample, image] of imageOf.entries()) {
        const expected = differences(layer, image, units[sample]!)
        const { channels } = layer
        expectNear(activations.subarray(sample * channels, (sample + 1) * channels), expected.activation, 1e-5)
        const found = attributions.subarray(sample * 10, (sample + 1) * 10)
        // All that follows the last block reads it through a LayerNorm, for which the length of an activation does not count.
        if (layer.name === last) {
          expect(largest([...found, ...expected.attribution])).toBeLessThan(1e-5)
        } else {
          expect(largest(expected.attribution)).toBeGreaterThan(1e-3)
          expectNear(found, expected.attribution, 1e-4)
        }
      }
      await attributor.release()
    },
  )

  it('has the attribution of a class, and the activations, of all positions of a photograph', async () => {
    const layer = classifier.layers.at(-1)!
    const photograph = bytes.subarray(0, bytes.length / 2)
    const map = await classMap(classifier, runtime, layer, photograph, 4)
    const grid = await activationGrid(classifier, runtime, layer, photograph)
    expect(map).toHaveLength(layer.height * layer.width)
    const units = unitsOf(layer)
    const expected = units.map(unit => differences(layer, 0, unit))
    expectNear(
      units.map(unit => map[unit]!),
      expected.map(({ attribution }) => attribution[4]!),
      1e-4,
    )
    expectNear(
      units.flatMap(unit => [...grid.subarray(unit * layer.channels, (unit + 1) * layer.channels)]),
      expected.flatMap(({ activation }) => [...activation]),
      1e-5,
    )
  })

  it('is inverted at its input size, and presets that need other sizes are refused', async () => {
    const [layer] = classifier.layers.slice(1)
    const { inversion } = PRESETS.atlas
    expect(() => requireInvertible(classifier, layer!, inversion)).not.toThrow()
    expect(() => requireInvertible(classifier, layer!, PRESETS.notebook.inversion)).toThrow(
      `cannot invert layer "${layer!.name}": the network takes images of 32 × 32 pixels only, and this preset crops and scales them to other sizes; choose the preset atlas, draft, calm or recipe`,
    )
    const inverter = await Inverter.create(classifier, runtime, layer!, { ...inversion, steps: 24, batch: 2 })
    const [one, other] = [differences(layer!, 0, 5), differences(layer!, 1, 9)]
    const directions = Float32Array.from([...one.activation, ...other.activation])
    const mean = Float32Array.from(one.activation, (each, k) => (each + other.activation[k]!) / 2)
    const icons = await inverter.invert(directions, { seed: 1, mean })
    expect(icons.map(({ size }) => size)).toEqual([32, 32])
    for (const icon of icons) expect(icon.fidelity).toBeGreaterThan(0.3)
    await inverter.release()
  })
})
