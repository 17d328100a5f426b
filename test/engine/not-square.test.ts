import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import { activationGrid } from '../../electron/engine/image/positions.ts'
import { decodeImage } from '../../electron/engine/images/decode.ts'
import { classify } from '../../electron/engine/model/classify.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf } from '../../electron/engine/model/load.ts'
import { parseSidecar } from '../../electron/engine/model/sidecar.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { frameClassifier } from '../../electron/engine/patch/classify.ts'
import { backgroundOf } from '../../electron/engine/patch/compose.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { collect } from '../../electron/engine/sampling/collect.ts'

/** Takes 8 × 16 only: means of 4 × 4 pixels, [3, 2, 4], each a logit of its own: [24]. */
function network() {
  const g = new GraphBuilder()
  g.input({ name: 'image', type: 'float32', shape: ['N', 3, 8, 16] })
  const area = { kernel_shape: ints([4, 4]), strides: ints([4, 4]) }
  g.append({ op: 'AveragePool', domain: '', name: 'cells', inputs: ['image'], outputs: ['cells'], attributes: area })
  const eye = new Float32Array(24 * 24)
  for (let at = 0; at < 24; at++) eye[25 * at] = 1
  const flat = g.node('Flatten', ['cells'], { axis: int(1) })
  const logits = g.node('Gemm', [flat, g.initializer(float32([24, 24], eye))])
  const graph = g.build('wide', [{ name: logits, type: 'float32', shape: [] }])
  const file = { file: 'wide.onnx', hash: 'wide', graph }
  const proposed = proposeSidecar(file)
  const input = { ...proposed.input, mean: [0, 0, 0], std: [1, 1, 1] } as typeof proposed.input
  return classifierOf(file, { ...proposed, layers: { cells: 'cells' }, input })
}

let folder: string
let runtime: Runtime
let photograph: { file: string }
/** Brightness of the eight cells of the photograph, row by row. */
const CELLS = [10, 40, 70, 100, 130, 160, 190, 220]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portolan-wide-'))
  runtime = await createCpuRuntime({ threads: 1 })
  photograph = { file: join(folder, 'cells.png') }
  const raw = { width: 16, height: 8, channels: 3 } as const
  const pixels = Uint8Array.from({ length: 8 * 16 * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    return CELLS[Math.floor(pixel / 16 / 4) * 4 + Math.floor((pixel % 16) / 4)]!
  })
  await sharp(pixels, { raw }).toFile(photograph.file)
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

const bytes = (values: ArrayLike<number>) => Array.from(values, value => Math.round(255 * value))
const expected = [...CELLS, ...CELLS, ...CELLS]

test('every way from a photograph to numbers keeps height and width apart', async () => {
  const classifier = network()
  expect(classifier.preprocessing.size).toEqual([8, 16])
  const [layer] = classifier.layers
  expect(layer).toMatchObject({ height: 2, width: 4, stride: 4 })

  const { predictions } = await classify(classifier, runtime, [photograph])
  expect(bytes(predictions[0]!.logits)).toEqual(expected)

  const background = await backgroundOf(classifier, photograph.file)
  expect([background.height, background.width]).toEqual([8, 16])
  const net = await frameClassifier(classifier, runtime)
  expect(bytes(await net.logits(background.rgb))).toEqual(expected)
  await net.release()

  const { rgb } = await decodeImage(photograph.file, { size: [8, 16] })
  const grid = await activationGrid(classifier, runtime, layer!, rgb)
  expect(bytes(grid).filter((_, at) => at % 3 === 0)).toEqual(CELLS)

  const attributor = await createAttributor(classifier, runtime, [layer!])
  const found = await attributor.run(rgb, { imageOf: [0], units: new Map([['cells', [6]]]) })
  await attributor.release()
  const { attributions } = found.get('cells')!
  // The attribution of the unit to its own three logits is its activation.
  expect([6, 14, 22].map(at => Math.round(255 * attributions[at]!))).toEqual([190, 190, 190])
  expect(attributions.filter(value => value === 0)).toHaveLength(21)
})

test('a sample is the unit that it names', async () => {
  const classifier = network()
  const batches = collect({ classifier, runtime, sources: [photograph], positionsPerImage: 4, seed: 1 })
  for await (const { activations, positions } of batches) {
    const found = bytes(activations.get('cells')!).filter((_, at) => at % 3 === 0)
    const units = positions.map(({ u, v }) => Math.floor(2 * v) * 4 + Math.floor(4 * u))
    expect(found).toEqual(units.map(unit => CELLS[unit]))
    expect(new Set(units).size).toBe(4)
  }
})

test('a photograph of another shape is cut to that of the input, in its middle', async () => {
  const square = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#808080' } })
    .png()
    .toBuffer()
  const file = { file: 'square.png', bytes: square, hash: createHash('sha256').update(square).digest('hex') }
  const { box, rgb } = await decodeImage(file, { size: [8, 16], resize: 'crop' })
  expect(rgb).toHaveLength(8 * 16 * 3)
  expect(box).toEqual({ left: 0, top: 10, width: 40, height: 20 })
})

test('a sidecar names both, or the edge of a square as ever', () => {
  const sidecar = (size: unknown) => {
    const input = { size, channels: 'RGB', range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] }
    return parseSidecar(JSON.stringify({ name: 'Net', input, logits: 'fc', layers: {} }), 'net.model.json').input.size
  }
  expect([sidecar(224), sidecar([224, 224]), sidecar([8, 16])]).toEqual([224, 224, [8, 16]])
  expect(() => sidecar([8])).toThrow(/"input.size" is \[8\], but must be/)
  expect(() => sidecar('big')).toThrow(/"input.size" is "big", but must be a number/)
})
