import type { Objective } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import { int } from '../onnx/graph.ts'

/** Lucid's floor of the cosine, and what keeps its divisor from 0. */
const COSINE_FLOOR = 0.1
const NORM_FLOOR = 1e-4
/** Keeps a bounded cosine differentiable at a = 0. */
const TINY = 1e-12

/**
 * The objective of every icon of a batch.
 * - published: mean_k(a_k v'_k) · max(.1, mean_k(a_k v'_k) / (1e-4 + ‖a‖))^power (lucid's `direction_neuron_cossim`).
 *   Not divided by ‖v'‖, so that the floor is often active; kept as it was published.
 * - cosine: c·|c|^(power−1) with c = a·v'/(‖a‖‖v'‖): bounded, with a slope also where the angle is obtuse.
 * @param a      [N, channels], the centre unit's activations
 * @param target [N, channels], the directions, whitened if so asked
 * @returns [N]
 */
export function objectiveGraph(g: GraphBuilder, a: string, target: string, objective: Objective): string {
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

/** Powers that are whole numbers are products: Pow is slow, and has no slope at 0. */
function power(g: GraphBuilder, x: string, exponent: number): string {
  if (exponent === 0) return g.scalar(1)
  if (!Number.isInteger(exponent)) return g.pow(x, exponent)
  if (exponent === 1) return x
  const half = power(g, x, Math.floor(exponent / 2))
  const square = g.mul(half, half)
  return exponent % 2 ? g.mul(square, x) : square
}
