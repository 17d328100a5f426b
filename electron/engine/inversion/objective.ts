import type { Inversion, Objective } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import { int } from '../onnx/graph.ts'

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
 * - scale-free: ln q − ln(1 + q/σ) + p · ln c with x = a − αm, t = v − αm, c = x·t/(‖x‖‖t‖) and q = x·t/‖t‖², the
 *   strength relative to the target's, rewarded up to about σ; where q < .02 or c < .1 it is 10c + q − 20, which has a
 *   gradient also from an obtuse start. The two parts differ in value; only the gradient is used. Not published.
 * @param a      [N, channels], the centre unit's activations
 * @param target [N, channels], the directions, whitened or minus their offset if the objective requires it
 * @param offset [1, channels], α times the mean activation of the layer, where the objective is scale-free
 * @returns [N]
 */
export function objectiveGraph(
  g: GraphBuilder,
  a: string,
  target: string,
  objective: Objective,
  offset?: string,
): string {
  if (objective.kind === 'scale-free') return scaleFree(g, offset ? g.sub(a, offset) : a, target, objective)
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
