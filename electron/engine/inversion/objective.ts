import type { Inversion, Objective } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import { int } from '../onnx/graph.ts'
import { dot } from '../vectors/cosine.ts'

/** Lucid's floor of the cosine, and the epsilon of its divisor. */
const COSINE_FLOOR = 0.1
const NORM_FLOOR = 1e-4
/** Strength and cosine below which a linear objective replaces the logarithms. */
const STRENGTH_FLOOR = 0.02
/** Keeps a bounded cosine differentiable at a = 0. */
const TINY = 1e-12

/**
 * The objective of every icon of a batch.
 * - published: mean_k(a_k v'_k) · max(.1, mean_k(a_k v'_k) / (1e-4 + ‖a‖))^power (lucid's `direction_neuron_cossim`).
 *   Not divided by ‖v'‖, so that the floor is often active, as published.
 * - cosine: c·|c|^(power−1) with c = a·v'/(‖a‖‖v'‖): bounded, with a slope also where the angle is obtuse.
 * - scale-free: ln q − ln(1 + q/σ) + p · ln c with c = x·t/(‖x‖‖t‖) and q = x·t/‖t‖², the strength relative to the
 *   target's, rewarded up to about σ; where q < .02 or c < .1 it is 10c + q − 20, which has a gradient also from an
 *   obtuse start. The two parts differ in value; only the gradient is used. Not published. x and t are a and v, each
 *   less a share α of its component along the mean activation m, so that c is largest for every multiple of v. Earlier
 *   versions subtracted αm: then a silent unit, −αm, is rewarded where v is small, and a stronger one points away from v.
 * @param a      [N, channels], the centre unit's activations
 * @param target [N, channels], the directions, whitened or centred if the objective requires it
 * @param offset [1, channels] of `offsetOf`, where the objective centres
 * @returns [N]
 */
export function objectiveGraph(
  g: GraphBuilder,
  a: string,
  target: string,
  objective: Objective,
  offset?: string,
): string {
  if (objective.kind === 'scale-free')
    return scaleFree(g, offset ? centred(g, a, offset, objective) : a, target, objective)
  const norm = (x: string, floor: number): string =>
    g.sqrt(g.add(g.reduceSum(g.mul(x, x), [1], false), g.scalar(floor)))
  if (objective.kind === 'published') {
    const dot = g.node('ReduceMean', [g.mul(a, target)], { axes: { kind: 'ints', value: [1] }, keepdims: int(0) })
    const cosine = g.div(dot, g.add(norm(a, TINY), g.scalar(NORM_FLOOR)))
    return g.mul(dot, power(g, g.node('Max', [cosine, g.scalar(COSINE_FLOOR)]), objective.power))
  }
  const dot = g.reduceSum(g.mul(a, target), [1], false)
  const cosine = g.div(dot, g.mul(norm(a, TINY), norm(target, TINY)))
  return g.mul(cosine, power(g, g.node('Abs', [cosine]), objective.power - 1))
}

/** The share of the layer's mean activation that is subtracted. */
export const centringOf = ({ objective }: Pick<Inversion, 'objective'>): number =>
  objective.kind === 'scale-free' ? objective.centring : 0

/**
 * What is subtracted: α times the mean activation, or, along the mean, √α times its unit vector u: a − (a·u)u.
 * @param mean [channels]
 */
export function offsetOf(objective: Objective, mean: Float32Array): Float32Array {
  if (objective.kind !== 'scale-free') throw new Error('only the scale-free objective centres')
  if (objective.centred === undefined) return mean.map(value => value * objective.centring)
  const scale = Math.sqrt(objective.centring / Math.max(TINY, dot(mean, 0, mean, 0, mean.length)))
  return mean.map(value => value * scale)
}

/** Directions as the objective compares them. @param directions [n, channels] @param offset [channels] of `offsetOf` */
export function centredDirections(objective: Objective, directions: Float32Array, offset: Float32Array): Float32Array {
  const channels = offset.length
  const alongMean = objective.kind === 'scale-free' && objective.centred !== undefined
  const result = new Float32Array(directions.length)
  for (let row = 0; row < directions.length; row += channels) {
    const times = alongMean ? dot(directions, row, offset, 0, channels) : 1
    for (let c = 0; c < channels; c++) result[row + c] = directions[row + c]! - times * offset[c]!
  }
  return result
}

/** The same of activations, in the graph. */
function centred(
  g: GraphBuilder,
  a: string,
  offset: string,
  objective: Extract<Objective, { kind: 'scale-free' }>,
): string {
  if (objective.centred === undefined) return g.sub(a, offset)
  return g.sub(a, g.mul(g.reduceSum(g.mul(a, offset), [1], true), offset))
}

function scaleFree(
  g: GraphBuilder,
  x: string,
  t: string,
  { power: p, saturation }: Extract<Objective, { kind: 'scale-free' }>,
): string {
  const dot = g.reduceSum(g.mul(x, t), [1], false)
  const squared = (value: string): string => g.add(g.reduceSum(g.mul(value, value), [1], false), g.scalar(TINY))
  const targetSquared = squared(t)
  const q = g.div(dot, targetSquared)
  const c = g.div(dot, g.mul(g.sqrt(squared(x)), g.sqrt(targetSquared)))
  const log = (value: string): string => g.node('Log', [value])
  const atLeast = (value: string, floor: number): string => g.node('Max', [value, g.scalar(floor)])
  const strength = atLeast(q, STRENGTH_FLOOR)
  const saturated = log(g.add(g.scalar(1), g.mul(strength, g.scalar(1 / saturation))))
  const inside = g.add(g.sub(log(strength), saturated), g.mul(log(atLeast(c, COSINE_FLOOR)), g.scalar(p)))
  const outside = g.add(g.add(g.mul(c, g.scalar(10)), q), g.scalar(-20))
  const good = g.node('And', [g.greater(q, g.scalar(STRENGTH_FLOOR)), g.greater(c, g.scalar(COSINE_FLOOR))])
  return g.where(good, inside, outside)
}

/** Integer powers are products: Pow is slow, and has no gradient at 0. */
function power(g: GraphBuilder, x: string, exponent: number): string {
  if (exponent === 0) return g.scalar(1)
  if (!Number.isInteger(exponent)) return g.pow(x, exponent)
  if (exponent === 1) return x
  const half = power(g, x, Math.floor(exponent / 2))
  const square = g.mul(half, half)
  return exponent % 2 ? g.mul(square, x) : square
}
