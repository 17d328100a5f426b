import type { Inversion } from '../../electron/contract/inversion.ts'
import { derivative, tangentOf } from '../../electron/engine/autodiff/forward.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { EXACT } from '../../electron/engine/autodiff/options.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import { Inverter } from '../../electron/engine/inversion/invert.ts'
import { PRESETS } from '../../electron/engine/inversion/presets.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { extract, type Graph, type ValueInfo } from '../../electron/engine/onnx/graph.ts'
import { elements, float32, type Tensor } from '../../electron/engine/onnx/tensor.ts'
import type { Feeds, Runtime } from '../../electron/engine/runtime/runtime.ts'
import { normals } from '../fixtures/random.ts'

/** One line of the table: how far a runtime is from the CPU's numbers. */
export interface Row {
  readonly network: string
  readonly layer: string
  readonly check: 'forward' | 'gradient' | 'derivative' | 'inversion'
  /** The largest difference as a share of the CPU's largest number; of pixels, the mean difference of 255. */
  readonly difference: number
  readonly tolerance: number
  readonly seconds: number
}

export interface Size {
  readonly edge: number
  readonly batch: number
  readonly steps: number
  /** Without the notebook's crop. */
  readonly wholeFrame: boolean
}

/**
 * Single precision, summed in another order: some 1e-6 an operator, and a network has a hundred of them. A wrong
 * operator is a thousand times further off.
 */
const TOLERANCE = 5e-4
/**
 * Mean difference of pixels, of 255. Adam magnifies what differs, and a ReLU or a maximum that tips the other way
 * changes a gradient by jumps. How far that goes depends on the network: it is measured, by inverting on the CPU with
 * weights that differ by a rounding. A runtime, which rounds otherwise everywhere, may be off three times as far; wrong
 * operators come to 130.
 */
const PIXELS = 2
const MOST = 30

/** Runs the suite for one layer of a network on a runtime and on the CPU. */
export async function conform(
  runtime: Runtime,
  reference: Runtime,
  classifier: Classifier,
  layer: Layer,
  size: Size,
): Promise<Row[]> {
  const data = float32([size.batch, 3, size.edge, size.edge], normals(11, size.batch * 3 * size.edge ** 2, 40))
  const rows: Row[] = []
  const row = (check: Row['check'], difference: number, tolerance: number, began: number): void => {
    const seconds = (performance.now() - began) / 1000
    rows.push({ network: classifier.name, layer: layer.name, check, difference, tolerance, seconds })
  }
  const { graph, output, wrt } = derivatives(classifier, layer, size)
  const shape = await shapeOf(reference, classifier, layer, data)
  const feeds = {
    [classifier.input]: data,
    upstream: float32(shape, normals(12, elements(shape), 1)),
    direction: float32(data.dims, normals(13, data.data.length, 1)),
  }
  const expected = await once(reference, graph, feeds)
  const began = performance.now()
  const actual = await once(runtime, graph, feeds)
  row('forward', farthest(actual[output]!, expected[output]!), TOLERANCE, began)
  row('gradient', farthest(actual[gradientOf(wrt)]!, expected[gradientOf(wrt)]!), TOLERANCE, began)
  row('derivative', farthest(actual[tangentOf(output)]!, expected[tangentOf(output)]!), TOLERANCE, began)

  const inversion: Inversion = {
    ...PRESETS.notebook,
    // The notebook's crop leaves the deepest layers of a large network no unit of a small icon.
    ...(size.wholeFrame && { transforms: PRESETS.faithful.transforms }),
    ...{ steps: size.steps, size: size.edge, batch: size.batch, tries: 1 },
    objective: { ...PRESETS.notebook.objective, whiten: false },
  }
  const directions = normals(14, size.batch * layer.channels, 1).map(Math.abs)
  const icons = await inverted(reference, classifier, layer, inversion, directions)
  const rounded = await inverted(reference, nudged(classifier), layer, inversion, directions)
  const tolerance = Math.min(MOST, Math.max(PIXELS, 3 * pixels(rounded, icons)))
  const start = performance.now()
  row('inversion', pixels(await inverted(runtime, classifier, layer, inversion, directions), icons), tolerance, start)
  return rows
}

/** A layer with its gradient by the image and its derivative along a direction of images, in one graph. */
function derivatives(classifier: Classifier, layer: Layer, { batch, edge }: Size) {
  const { graph, input } = classifier
  const output: ValueInfo = { name: layer.tensor, type: 'float32', shape: [] }
  const fixed = graph.inputs.map(info => (info.name === input ? { ...info, shape: [batch, 3, edge, edge] } : info))
  const part = extract({ ...graph, inputs: fixed }, [output])
  const back = gradient(part, { ...EXACT, of: layer.tensor, seed: 'upstream', wrt: [input] })
  const both = derivative(back, { maxPool: 'exact', of: [layer.tensor], wrt: input, tangent: 'direction' })
  return { graph: lower(both), output: layer.tensor, wrt: input }
}

async function shapeOf(runtime: Runtime, { graph, input }: Classifier, layer: Layer, data: Tensor) {
  const part = extract(graph, [{ name: layer.tensor, type: 'float32', shape: [] }])
  return (await once(runtime, part, { [input]: data }))[layer.tensor]!.dims
}

async function once(runtime: Runtime, graph: Graph, feeds: Feeds): Promise<Record<string, Tensor>> {
  const program = await runtime.load(graph)
  try {
    return await program.run(feeds)
  } finally {
    await program.release()
  }
}

async function inverted(
  runtime: Runtime,
  classifier: Classifier,
  layer: Layer,
  inversion: Inversion,
  directions: Float32Array,
): Promise<readonly Uint8Array[]> {
  const inverter = await Inverter.create(classifier, runtime, layer, inversion)
  try {
    return (await inverter.invert(directions, { seed: 5 })).map(({ rgb }) => rgb)
  } finally {
    await inverter.release()
  }
}

/** A classifier whose weights are off by up to one unit in the last place. */
function nudged(classifier: Classifier): Classifier {
  const initializers = [...classifier.graph.initializers].map(([name, tensor]): [string, Tensor] => [
    name,
    tensor.type === 'float32' && tensor.data.length > 1
      ? { ...tensor, data: tensor.data.map((value, i) => value * (1 + (i % 2 ? ROUNDING : -ROUNDING))) }
      : tensor,
  ])
  return { ...classifier, graph: { ...classifier.graph, initializers: new Map(initializers) } }
}

/** 2⁻²³ */
const ROUNDING = 1.1920929e-7

/** NaN counts as infinitely far. */
function farthest({ data: actual, dims }: Tensor, { data: expected, dims: as }: Tensor): number {
  if (dims.join() !== as.join()) return Number.POSITIVE_INFINITY
  let [most, difference] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(Number(actual[i]) - Number(expected[i]))
    most = Math.max(most, Math.abs(Number(expected[i])))
    if (!(distance <= difference)) difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance
  }
  return most > 0 ? difference / most : difference
}

function pixels(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): number {
  let [sum, count] = [0, 0]
  for (const [i, icon] of expected.entries())
    for (const [at, value] of icon.entries()) {
      sum += Math.abs(value - actual[i]![at]!)
      count++
    }
  return sum / count
}

export const passes = ({ difference, tolerance }: Row): boolean => difference <= tolerance
