import { axisOf } from '../../onnx/graph.ts'
import { elements } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site } from '../rule.ts'

/** The axes that a reduction sums over: an attribute, an operand, or all. */
function axesOf(g: Calculus, at: Site): readonly number[] {
  const rank = g.rank(at.x)
  const given = at.ints('axes') ?? g.integersOf(at.inputs[1])
  if (given === undefined && at.inputs[1]) g.refuse(at.node, 'its axes are not constant')
  if (given?.length) return given.map(axis => axisOf(axis, rank)).toSorted((a, b) => a - b)
  return at.int('noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, axis) => axis)
}

/** The same reduction of another value. */
const sameOperator = (g: Calculus, at: Site, x: string): string =>
  g.node(at.node.op, [x, ...at.inputs.slice(1)], at.node.attributes)

/** A value in y's shape with the reduced axes inserted, of length 1. */
function withReducedAxes(g: Calculus, at: Site, value: string): string {
  const axes = axesOf(g, at)
  return at.int('keepdims', 1) || axes.length === 0 ? value : g.node('Unsqueeze', [value, g.integers(axes)])
}

/** y = Σ x: forward Σ t; reverse d, repeated. */
const reduceSum = byFirst('ReduceSum', {
  jvp: sameOperator,
  vjp: (g, at, d) => g.expandLike(withReducedAxes(g, at, d), at.x, axesOf(g, at)),
})

/** y = Σ x / n: forward Σ t / n; reverse d/n, repeated. */
const reduceMean = byFirst('ReduceMean', {
  jvp: sameOperator,
  vjp: (g, at, d) => {
    const axes = axesOf(g, at)
    const lengths = g.lengths(at.x, axes)
    const share = lengths.known ? g.scale(d, 1 / elements(lengths.known)) : g.div(d, g.count(lengths))
    return g.expandLike(withReducedAxes(g, at, share), at.x, axes)
  },
})

/** y = the maximum or minimum over some axes: tied elements share equally, so J is a mean over them. */
const reduceExtreme = (op: 'ReduceMax' | 'ReduceMin'): Rule => {
  const shares = (g: Calculus, at: Site): { mask: string; axes: readonly number[]; count: string } => {
    const axes = axesOf(g, at)
    const mask = g.cast(g.equal(at.x, withReducedAxes(g, at, at.y)), 'float32')
    return { mask, axes, count: g.reduceSum(mask, axes, at.int('keepdims', 1) === 1) }
  }
  return byFirst(op, {
    jvp: (g, at, t) => {
      const { mask, axes, count } = shares(g, at)
      return g.div(g.reduceSum(g.mul(mask, t), axes, at.int('keepdims', 1) === 1), count)
    },
    vjp: (g, at, d) => {
      const { mask, count } = shares(g, at)
      return g.mul(mask, withReducedAxes(g, at, g.div(d, count)))
    },
  })
}

export const reductions: readonly Rule[] = [
  reduceSum,
  reduceMean,
  reduceExtreme('ReduceMax'),
  reduceExtreme('ReduceMin'),
]
