import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PRESETS } from '../../electron/contract/presets.ts'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { readModel } from '../../electron/engine/model/file.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { BYTES, prepare } from '../../electron/engine/model/preprocess.ts'
import { extract } from '../../electron/engine/onnx/graph.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { edgeOf } from '../fixtures/classifier.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import type { Value } from '../fixtures/interpreter/value.ts'
import { random } from '../fixtures/random.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'

/** Networks that were read wrongly or refused, each for a whole kind, and what `model init` has to propose for them. */
const MODELS: readonly { readonly file: string; readonly logits: string; readonly layers: readonly string[] }[] = [
  { file: 'double_input', logits: 'logits', layers: ['c1', 'c2', 'c3'] },
  { file: 'fan_batch_not_first', logits: 'logits', layers: ['p', 'c3'] },
  { file: 'fan_multihead_attention', logits: '/0/fc/Gemm_output_0', layers: ['0.a', '0'] },
  { file: 'fan_windows', logits: 'logits', layers: ['p', 'c3'] },
  { file: 'grey_input', logits: 'logits', layers: ['c1', 'c2', 'c3'] },
  { file: 'icon_channel_shuffle_fixed', logits: 'logits', layers: ['p', 'c3'] },
  { file: 'icon_pixel_unshuffle', logits: 'output', layers: ['a'] },
  { file: 'layernorm_op17', logits: 'output', layers: ['/Add_1_output_0', '/Relu_output_0'] },
  { file: 'layers_nhwc', logits: 'output', layers: ['/Add_output_0', '/Add_1_output_0'] },
  { file: 'logits_attention_pool', logits: 'output', layers: ['a'] },
  { file: 'logits_embedding_last', logits: 'logits', layers: ['c1', 'c2', 'c3'] },
  { file: 'logits_routing_softmax', logits: 'output', layers: ['a'] },
  { file: 'logits_sigmoid', logits: 'logits', layers: ['c1', 'c2', 'c3'] },
  { file: 'names_centre', logits: 'logits', layers: ['c1', 'centre', 'c3'] },
  { file: 'op18_mish', logits: 'logits', layers: ['p', 'c3'] },
  { file: 'pad_f_pad', logits: 'output', layers: ['b'] },
  { file: 'pad_same', logits: 'output', layers: ['b'] },
  { file: 'range_unit_normalised', logits: 'logits', layers: ['c1', 'c2', 'c3'] },
]
const CLASSES = 10
const STEP = 1e-4
const folder = sharedFolder('field/models')

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

async function load(file: string) {
  const model = await readModel(file)
  const sidecar = proposeSidecar(model)
  return { model, sidecar, classifier: classifierOf(model, sidecar) }
}

function imagesFor(classifier: Classifier) {
  const edge = edgeOf(classifier)
  const uniform = random(5)
  const bytes = Uint8Array.from({ length: 2 * edge * edge * 3 }, () => 256 * uniform())
  return { edge, bytes, image: { dims: [2, 3, edge, edge], data: [...prepare(bytes, classifier.preprocessing)] } }
}

/** What the file's first output says by ONNX Runtime itself, without anything of ours but the colours of a grey image. */
async function ownAnswer(file: string, classifier: Classifier, image: Value): Promise<readonly number[]> {
  const session = await InferenceSession.create(readFileSync(file))
  const [name] = session.inputNames
  const { type, shape } = (await readModel(file)).graph.inputs[0]!
  const size = image.data.length / 6
  const grey = (_: unknown, i: number): number => {
    const [at, pixel] = [Math.floor(i / size) * 3 * size, i % size]
    const [red, green, blue] = [0, 1, 2].map(channel => image.data[at + channel * size + pixel]!)
    return 0.299 * red! + 0.587 * green! + 0.114 * blue!
  }
  const data = shape[1] === 1 ? Array.from({ length: 2 * size }, grey) : image.data
  const dims = [2, Number(shape[1]), ...image.dims.slice(2)]
  // The reader makes single precision of a double input: only the file itself knows.
  const fed = (as: 'float32' | 'float64') =>
    session.run({
      [name!]: new Tensor(as, as === 'float32' ? Float32Array.from(data) : Float64Array.from(data), dims),
    })
  const results = await fed('float32').catch(() => fed('float64'))
  await session.release()
  expect(type).toMatch(/^float/)
  expect(classifier.labels).toHaveLength(CLASSES)
  return Array.from(results[session.outputNames[0]!]!.data as Iterable<number>, Number)
}

/** Activation and attribution of one unit, by central differences along the activation itself, in double precision. */
function byDifferences({ graph, input, logits }: Classifier, { dims, data }: Value) {
  const end = { name: logits, type: 'float32', shape: ['N', CLASSES] } as const
  const size = data.length / 2
  const images = [0, 1].map(
    (from): Value => ({ dims: [1, ...dims.slice(1)], data: data.slice(from * size, (from + 1) * size) }),
  )
  const values = images.map(image => interpret(graph, { [input]: image }))
  return ({ tensor, channels, height, width }: Layer, from: number, unit: number) => {
    const whole = values[from]!.get(tensor)!
    const positions = height * width
    const last = whole.dims.at(-1) === channels
    const [rows, columns] = whole.dims.length === 3 ? [positions, []] : [height, [width]]
    expect(whole.dims).toEqual(last ? [1, rows, ...columns, channels] : [1, channels, height, width])
    const own = { name: tensor, type: 'float32', shape: whole.dims } as const
    const tail = extract(graph, [end], [own])
    const places = Array.from({ length: channels }, (_, channel) =>
      last ? unit * channels + channel : channel * positions + unit,
    )
    const logitsAt = (scale: number): readonly number[] => {
      const scaled = [...whole.data]
      for (const place of places) scaled[place]! *= scale
      const found = interpret(tail, { [input]: images[from]!, [tensor]: { dims: whole.dims, data: scaled } })
      return found.get(logits)!.data
    }
    const [more, less] = [logitsAt(1 + STEP), logitsAt(1 - STEP)]
    return {
      activation: places.map(place => whole.data[place]!),
      attribution: more.map((each, c) => (each - less[c]!) / (2 * STEP)),
    }
  }
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs))

function expectNear(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs(found[i]! - value)).toBeLessThan(tolerance * largest(expected) + 1e-9)
}

describe.skipIf(folder === undefined).each(MODELS)(
  `$file${folder === undefined ? ` (${skipReason})` : ''}`,
  ({ file: name, logits, layers }) => {
    const file = `${folder}/${name}.onnx`

    it('has its logits and layers proposed', async () => {
      const { sidecar, classifier } = await load(file)
      expect(sidecar.logits).toBe(logits)
      expect(classifier.layers.map(layer => layer.name)).toEqual(layers)
      expect(sidecar.probabilities).toBe(name === 'logits_sigmoid' ? 'sigmoid' : 'softmax')
      if (name === 'logits_embedding_last') expect(sidecar.alternatives?.logits).toEqual(['embedding'])
      // Every network but this one is fed with normalised colours, so that the range is a guess.
      if (name === 'range_unit_normalised') {
        expect(sidecar.input).toMatchObject({ range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] })
        expect(sidecar.unconfirmed).not.toContain('input.range')
      } else expect(sidecar.unconfirmed).toContain('input.range')
    })

    it('answers as the file itself', async () => {
      const { model, classifier } = await load(file)
      const { edge, bytes, image } = imagesFor(classifier)
      const program = await loadLogits(classifier, runtime)
      const results = await program.run({ [BYTES]: { type: 'uint8', dims: [2, edge, edge, 3], data: bytes } })
      await program.release()
      const found = Array.from(Object.values(results)[0]!.data, Number)
      const [output] = model.graph.outputs
      const end = model.graph.nodes.find(node => node.outputs[0] === output!.name)!.op
      const row = (from: number): readonly number[] => found.slice(from * CLASSES, (from + 1) * CLASSES)
      const softmax = (values: readonly number[]): readonly number[] => {
        const powers = values.map(Math.exp)
        const sum = powers.reduce((a, b) => a + b)
        return powers.map(power => power / sum)
      }
      const answer =
        end === 'Softmax'
          ? [0, 1].flatMap(from => softmax(row(from)))
          : end === 'Sigmoid'
            ? found.map(value => 1 / (1 + Math.exp(-value)))
            : found
      expectNear(answer, await ownAnswer(file, classifier, image), 1e-4)
    })

    it('has the attributions of differences, of single and of several samples', async () => {
      const { classifier } = await load(file)
      const { edge, bytes, image } = imagesFor(classifier)
      const differences = byDifferences(classifier, image)
      for (const layer of classifier.layers) {
        const attributor = await createAttributor(classifier, runtime, [layer])
        const units = [layer.width + 2, layer.height * layer.width - 2]
        const expected = units.map((unit, from) => differences(layer, from, unit))
        const several = (
          await attributor.run(bytes, { imageOf: [0, 1, 0], units: new Map([[layer.name, [...units, units[0]!]]]) })
        ).get(layer.name)!
        const single = (
          await attributor.run(bytes.subarray(0, edge * edge * 3), {
            imageOf: [0],
            units: new Map([[layer.name, units.slice(0, 1)]]),
          })
        ).get(layer.name)!
        await attributor.release()
        expectNear(single.attributions, expected[0]!.attribution, 1e-3)
        for (const [sample, { activation, attribution }] of [...expected, expected[0]!].entries()) {
          const { channels } = layer
          expectNear(several.activations.subarray(sample * channels, (sample + 1) * channels), activation, 1e-4)
          expectNear(several.attributions.subarray(sample * CLASSES, (sample + 1) * CLASSES), attribution, 1e-3)
        }
      }
    })

    it('has icons at all layers', async () => {
      const { classifier } = await load(file)
      for (const layer of classifier.layers) {
        const inverter = await Inverter.create(classifier, runtime, layer, {
          ...PRESETS.atlas.inversion,
          steps: 8,
          batch: 2,
        })
        const uniform = random(9)
        const directions = Float32Array.from({ length: 2 * layer.channels }, () => uniform())
        const mean = new Float32Array(layer.channels).fill(0.1)
        const icons = await inverter.invert(directions, { seed: 1, mean })
        await inverter.release()
        expect(icons.map(({ fidelity }) => Number.isFinite(fidelity))).toEqual([true, true])
      }
    })
  },
)
