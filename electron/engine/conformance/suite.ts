import type { Inversion, Transforms } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import { derivative, tangentOf } from '../autodiff/forward.ts'
import { lower } from '../autodiff/lower.ts'
import { EXACT } from '../autodiff/options.ts'
import { gradient, gradientOf } from '../autodiff/reverse.ts'
import { Inverter } from '../inversion/invert.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { extract, type Graph, type ValueInfo } from '../onnx/graph.ts'
import { elements, float32, type Tensor } from '../onnx/tensor.ts'
import { Random } from '../random/random.ts'
import type { Feeds, Runtime } from '../runtime/runtime.ts'
import { Recording } from './recording.ts'

/** `step`: single steps of an inversion, each from the CPU's state; `inversion`: a runtime's own steps, to the icons. */
export const CHECKS = ['forward', 'gradient', 'derivative', 'step', 'inversion'] as const

/** One line of the table: how far a runtime is from the CPU's numbers. */
export interface Row {
  readonly network: string
  readonly layer: string
  readonly check: (typeof CHECKS)[number]
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
  /** All of them where it is left out. */
  readonly parts?: readonly Part[]
}

/** What of the suite can be run by itself. */
export const PARTS = ['derivatives', 'steps', 'inversion'] as const
export type Part = (typeof PARTS)[number]

/**
 * Single precision, summed in another order: some 1e-6 an operator, and a network has a hundred of them. A wrong
 * operator is a thousand times further off.
 */
const TOLERANCE = 5e-4
/**
 * Adam's first moment after a step from the same state. Where rounding tips a ReLU or a maximum the other way, the
 * gradient jumps by what one unit is worth: a thousandth in GoogLeNet. Wrong operators change it by parts.
 */
const TIPPED = 0.02
/**
 * Mean difference of pixels, of 255. Adam divides each gradient by its own size, so that a jump in the first steps, when
 * there is nothing else to divide by, turns whole coefficients round, and the runs part. After twenty steps such
 * jumps come to 7 and less; wrong operators come to 130.
 */
const MOST = 30
/** Steps that are taken from the CPU's state. */
const LOCKED = 5

/** Mild transforms that leave the whole frame in view. */
export const wholeFrame: Transforms = {
  pad: 4,
  padValue: 0.5,
  jitter: [4, 4],
  scales: Array.from({ length: 11 }, (_, n) => 0.95 + n / 100),
  angles: Array.from({ length: 11 }, (_, n) => n - 5),
  lastJitter: 0,
  fit: false,
}

/** `count` seeded numbers of a normal distribution. */
const normals = (seed: number, count: number, deviation: number): Float32Array =>
  new Random('conformance', seed).normal(new Float32Array(count), deviation)

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
  const parts = size.parts ?? PARTS
  if (parts.includes('derivatives')) {
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
  }
  if (!parts.includes('steps') && !parts.includes('inversion')) return rows

  const inversion: Inversion = {
    ...PRESETS.notebook.inversion,
    // The notebook's crop leaves the deepest layers of a large network no unit of a small icon.
    ...(size.wholeFrame && { transforms: wholeFrame }),
    ...{ steps: size.steps, size: size.edge, batch: size.batch, tries: 1 },
    objective: { ...PRESETS.notebook.inversion.objective, whiten: false },
  }
  const directions = normals(14, size.batch * layer.channels, 1).map(Math.abs)
  const recorded = new Recording(reference)
  const icons = await inverted(recorded, classifier, layer, inversion, directions)
  let start = performance.now()
  if (parts.includes('steps')) row('step', await worstStep(runtime, recorded), TIPPED, start)
  start = performance.now()
  if (parts.includes('inversion'))
    row('inversion', pixels(await inverted(runtime, classifier, layer, inversion, directions), icons), MOST, start)
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

/** The largest difference of the first moment in the first steps, each of them from the reference's state. */
async function worstStep(runtime: Runtime, { graph, runs }: Recording): Promise<number> {
  const program = await runtime.load(graph!)
  try {
    let worst = 0
    for (const { feeds, results } of runs.slice(0, LOCKED)) {
      const own = await program.run(feeds, [MOMENT])
      worst = Math.max(worst, farthest(own[MOMENT]!, results[MOMENT]!))
    }
    return worst
  } finally {
    await program.release()
  }
}
const MOMENT = 'first.next'

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

export const passes = ({ difference, tolerance }: Pick<Row, 'difference' | 'tolerance'>): boolean =>
  difference <= tolerance
