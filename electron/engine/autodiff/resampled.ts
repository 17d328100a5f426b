import { UserError } from '../../contract/errors.ts'
import type { Shape } from '../onnx/graph.ts'
import { type Resized, repeatsOf, resizedAxes, weightsOf } from '../onnx/resampling.ts'
import { float32 } from '../onnx/tensor.ts'
import type { Calculus } from './calculus.ts'
import type { Site } from './rule.ts'

/**
 * Resize is linear: y = R·x, where R repeats the positions of some axes and multiplies others by a matrix of weights,
 * [to, from]. Axes are independent, so their order is irrelevant.
 */
interface Parts {
  readonly axes: readonly number[]
  readonly repeats: readonly number[]
  readonly products: readonly Product[]
}

interface Product {
  readonly axis: number
  /** Weights and their transpose: [to, from], [from, to]. */
  readonly weights: string
  readonly transposed: string
}

/** R·v for a value in the shape of x. */
export function resample(g: Calculus, at: Site, v: string): string {
  const { axes, repeats, products } = partsOf(g, at)
  const repeated = axes.length > 0 ? repeat(g, v, at.x, axes, repeats) : v
  const rank = g.rank(at.x)
  return products.reduce(
    (value, { axis, weights, transposed }) => along(g, value, rank, axis, weights, transposed),
    repeated,
  )
}

/** Rᵀ·d for a value in the shape of y. */
export function resampleBack(g: Calculus, at: Site, d: string): string {
  const { axes, repeats, products } = partsOf(g, at)
  const rank = g.rank(at.x)
  const shared = products.reduce(
    (value, { axis, weights, transposed }) => along(g, value, rank, axis, transposed, weights),
    d,
  )
  return axes.length > 0 ? sumRepeats(g, shared, at.x, axes, repeats) : shared
}

function partsOf(g: Calculus, at: Site): Parts {
  const changed = resizedAxes(g.shape(at.x), g.shape(at.y), scalesOf(g, at))
  const repeated = changed.flatMap(each => {
    const count = repeatsOf(at.node, each)
    return count === undefined ? [] : [{ each, count }]
  })
  const others = changed.filter(change => !repeated.some(({ each }) => each === change))
  return {
    axes: repeated.map(({ each }) => each.axis),
    repeats: repeated.map(({ count }) => count),
    products: others.map(change => productOf(g, at, change)),
  }
}

function scalesOf(g: Calculus, at: Site): readonly number[] | undefined {
  const [, , scales] = at.inputs
  if (!scales) return undefined
  const tensor = g.constant(scales)
  return tensor
    ? Array.from<number | bigint, number>(tensor.data, Number)
    : refuse(at, 'its factors are known only at run time')
}

function productOf(g: Calculus, at: Site, { axis, from, to, scale }: Resized): Product {
  if (typeof from !== 'number' || typeof to !== 'number')
    return refuse(at, `the length of its axis ${axis} is known only at run time`)
  const { attributes, name } = at.node
  const key = `${JSON.stringify(attributes)} ${from} ${to} ${scale}`
  const make = (transposed: boolean) => () => {
    const weights = weightsOf(at.node, from, to, scale)
    const data = transposed
      ? Float32Array.from(weights, (_, i) => weights[(i % to) * from + Math.floor(i / to)]!)
      : weights
    return g.initializer(float32(transposed ? [from, to] : [to, from], data), `${name || at.y}.weights`)
  }
  return {
    axis,
    weights: g.once(`weights ${key}`, make(false)),
    transposed: g.once(`transposed weights ${key}`, make(true)),
  }
}

function refuse(at: Site, why: string): never {
  throw new UserError(
    `cannot use Resize "${at.node.name || at.y}" at any size of the image: ${why}; choose a layer before it, or export the model with nearest-neighbour upsampling by a whole factor`,
  )
}

/** The product of a matrix with every vector along an axis. @param matrix [new, old]; @param transposed [old, new] */
function along(g: Calculus, v: string, rank: number, axis: number, matrix: string, transposed: string): string {
  if (axis === rank - 1) return g.matmul(v, transposed)
  if (axis === rank - 2) return g.matmul(matrix, v)
  const swapped = Array.from({ length: rank }, (_, each) =>
    each === axis ? rank - 1 : each === rank - 1 ? axis : each,
  )
  return g.transpose(g.matmul(g.transpose(v, swapped), transposed), swapped)
}

/** Each position several times in turn along some axes: [… n …] is read as [… n, 1 …], repeated, and read as [… n·k …]. */
function repeat(g: Calculus, v: string, like: string, axes: readonly number[], counts: readonly number[]): string {
  const shape = g.shape(like)
  const inserted = axes.map((axis, i) => axis + 1 + i)
  const columns = g.node('Unsqueeze', [v, g.integers(inserted)])
  const target = Array.from({ length: shape.length + axes.length }, (_, axis) => counts[inserted.indexOf(axis)] ?? 1)
  const wide = g.node('Expand', [columns, g.integers(target)])
  const every = shape.map((_, axis) => axis)
  const steps = every.map(axis => counts[axes.indexOf(axis)] ?? 1)
  const joined: Shape = shape.map((dim, axis) => (typeof dim === 'number' ? dim * steps[axis]! : dim))
  return g.reshapeTo(wide, joined, () => g.lengths(like, every).times(steps).operand())
}

/** The transpose: sums the repetitions of each position. @param like a value of the shape of the result */
function sumRepeats(g: Calculus, d: string, like: string, axes: readonly number[], counts: readonly number[]): string {
  const shape = g.shape(like)
  const inserted = axes.map((axis, i) => axis + 1 + i)
  const parts = shape.flatMap((dim, axis) => (axes.includes(axis) ? [dim, counts[axes.indexOf(axis)]!] : [dim]))
  const lengths = () =>
    shape.flatMap((_, axis) => [
      g.lengths(like, [axis]).operand(),
      ...(axes.includes(axis) ? [g.integers([counts[axes.indexOf(axis)]!])] : []),
    ])
  return g.reduceSum(
    g.reshapeTo(d, parts, () => g.concat(lengths(), 0)),
    inserted,
    false,
  )
}
