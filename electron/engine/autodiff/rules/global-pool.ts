import { int } from '../../onnx/graph.ts'
import { elements, int64 } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site } from '../rule.ts'

/** y = the mean over a channel: forward the mean of t; reverse d/n everywhere. */
const globalAveragePool = byFirst('GlobalAveragePool', {
  jvp: (g, _, t) => g.node('GlobalAveragePool', [t]),
  vjp: (g, at, d) => {
    const { axes, lengths } = g.spatial(at.x)
    const share = lengths.known ? g.scale(d, 1 / elements(lengths.known)) : g.div(d, g.count(lengths))
    return g.expandLike(share, at.x, axes)
  },
})

/** y = the maximum of a channel (a tie goes to the first): forward t there; reverse d there. */
const globalMaxPool = byFirst('GlobalMaxPool', {
  jvp: (g, at, t) => g.reduceSum(g.only(first(g, at), t), g.spatial(at.x).axes, true),
  vjp: (g, at, d) => g.only(first(g, at), d),
})

/** Where the first maximum of each channel is: positions are numbered in row-major order. */
function first(g: Calculus, at: Site): string {
  const flat = g.node('Reshape', [at.x, g.integers([0, 0, -1])])
  const winner = g.node('ArgMax', [flat], { axis: int(2), keepdims: int(1) })
  const count = g.node('Squeeze', [g.node('Shape', [flat], { start: int(2) })])
  const numbers = g.node('Range', [g.shared(int64([0], [])), count, g.shared(int64([1], []))])
  return g.reshapeLike(g.equal(numbers, winner), at.x)
}

export const globalPools: readonly Rule[] = [globalAveragePool, globalMaxPool]
