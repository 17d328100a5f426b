import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site, symmetric } from '../rule.ts'

/** The same operator with the same other operands, of another value. */
const sameOperator = (g: Calculus, at: Site, t: string): string =>
  g.node(at.node.op, [t, ...at.inputs.slice(1)], at.node.attributes)

/** A change of shape only: forward the same operator, reverse a reshape to x's shape. */
const renaming = (op: string): Rule => byFirst(op, { jvp: sameOperator, vjp: (g, at, d) => g.reshapeLike(d, at.x) })

/** A permutation of axes: reverse is the inverse permutation. */
const transpose = byFirst('Transpose', {
  jvp: sameOperator,
  vjp: (g, at, d) => {
    const perm = at.ints('perm') ?? g.shape(at.x).map((_, axis) => g.rank(at.x) - 1 - axis)
    return g.transpose(
      d,
      perm.map((_, axis) => perm.indexOf(axis)),
    )
  },
})

/** Repeats along axes of length 1: reverse sums over them. */
const expand = byFirst('Expand', { jvp: sameOperator, vjp: (g, at, d) => g.unbroadcast(d, at.y, at.x) })

/** r copies along an axis: [r·n] is read as [r, n], and summed over r. */
const tile = byFirst('Tile', {
  jvp: sameOperator,
  vjp: (g, at, d) => {
    const repeats = g.integersOf(at.inputs[1]) ?? g.refuse(at.node, 'its repeats are not constant')
    const shape = g.shape(at.x)
    const split = shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis]!, dim]))
    const copies = repeats.flatMap((repeat, axis) =>
      repeat === 1 ? [] : [axis + repeats.slice(0, axis).filter(r => r !== 1).length],
    )
    if (copies.length === 0) return d
    const lengths = (): string[] =>
      shape.flatMap((_, axis) => [
        ...(repeats[axis] === 1 ? [] : [g.integers([repeats[axis]!])]),
        g.lengths(at.x, [axis]).operand(),
      ])
    return g.reduceSum(
      g.reshapeTo(d, split, () => g.concat(lengths(), 0)),
      copies,
      false,
    )
  },
})

/** Between floating-point types: the terms keep the types of their values. */
const cast = byFirst('Cast', {
  jvp: sameOperator,
  vjp: (g, at, d) => g.cast(d, g.type(at.x)),
})

/** Operators that move elements without changing them: linear, so forward mode is the operator itself. */
export const reshaping: readonly Rule[] = [
  symmetric('Identity', (_, __, t) => t),
  symmetric('Dropout', (_, __, t) => t),
  renaming('Reshape'),
  renaming('Flatten'),
  renaming('Squeeze'),
  renaming('Unsqueeze'),
  transpose,
  expand,
  tile,
  cast,
]
