import type { Calculus } from '../calculus.ts'
import { axisOf, byFirst, type Rule, type Site, symmetric } from '../rule.ts'

/** The same operator with the same other operands, of another value. */
const again = (g: Calculus, at: Site, t: string): string =>
  g.node(at.node.op, [t, ...at.inputs.slice(1)], at.node.attributes)

/** Names the elements differently and changes none: forward the same, reverse back to x's shape. */
const renaming = (op: string): Rule => byFirst(op, { jvp: again, vjp: (g, at, d) => g.reshapeLike(d, at.x) })

/** The inverse order of axes. */
const transpose = byFirst('Transpose', {
  jvp: again,
  vjp: (g, at, d) => {
    const perm = at.ints('perm') ?? g.shape(at.x).map((_, axis) => g.rank(at.x) - 1 - axis)
    return g.transpose(
      d,
      perm.map((_, axis) => perm.indexOf(axis)),
    )
  },
})

/** Repeats along axes of length 1: reverse sums over them. */
const expand = byFirst('Expand', { jvp: again, vjp: (g, at, d) => g.unbroadcast(d, at.y, at.x) })

/** r copies along an axis: [r·n] is read as [r, n], and summed over r. */
const tile = byFirst('Tile', {
  jvp: again,
  vjp: (g, at, d) => {
    const repeats = g.integersOf(at.inputs[1]) ?? g.refuse(at.node, 'its repeats are not constant')
    const shape = g.shape(at.x)
    const split = shape.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis]!, dim]))
    const copies = repeats.flatMap((repeat, axis) =>
      repeat === 1 ? [] : [axis + repeats.slice(0, axis).filter(r => r !== 1).length],
    )
    if (copies.length === 0) return d
    const runtime = (): string =>
      g.node(
        'Concat',
        shape.flatMap((_, axis) => [
          ...(repeats[axis] === 1 ? [] : [g.integers([repeats[axis]!])]),
          g.lengths(at.x, [axis]).operand(),
        ]),
        { axis: { kind: 'int', value: 0 } },
      )
    return g.reduceSum(g.reshapeTo(d, split, runtime), copies, false)
  },
})

/**
 * Elements picked along one axis by constant indices: reverse adds each up where it came from. As a Gather of its
 * own: of the r-th time that an index is used, for every r. A row of zeros is put behind d for those used less often.
 */
const gather = byFirst('Gather', {
  jvp: again,
  vjp: (g, at, d) => {
    const axis = axisOf(at.int('axis', 0), g.rank(at.x))
    const given = g.integersOf(at.inputs[1]) ?? g.refuse(at.node, 'its indices are not constant')
    const length = g.lengths(at.x, [axis]).known?.[0] ?? g.refuse(at.node, `the length of axis ${axis} is unknown`)
    const indices = given.map(index => axisOf(index, length))
    const uses = Array.from({ length }, (_, row) => indices.flatMap((index, at) => (index === row ? [at] : [])))
    // Indices of any rank are one list for us: their axes are joined in d, [… , indices, …].
    const shape = g.shape(at.x)
    const listed = shape.map((dim, i) => (i === axis ? indices.length : dim))
    const joined = (): string =>
      g.node(
        'Concat',
        shape.map((_, i) => (i === axis ? g.integers([indices.length]) : g.lengths(at.x, [i]).operand())),
        {
          axis: { kind: 'int', value: 0 },
        },
      )
    const list = g.rank(at.y) === g.rank(at.x) ? d : g.reshapeTo(d, listed, joined)
    const times = Math.max(...uses.map(use => use.length))
    const everywhere = uses.every(use => use.length === times)
    const pads = [...shape.map(() => 0), ...shape.map((_, i) => (i === axis ? 1 : 0))]
    const source = everywhere ? list : g.pad(list, pads)
    const parts = Array.from({ length: times }, (_, time) =>
      g.node('Gather', [source, g.integers(uses.map(use => use[time] ?? indices.length))], {
        axis: { kind: 'int', value: axis },
      }),
    )
    return g.sum(parts)!
  },
})

/** Between floating-point types: the terms keep the types of their values. */
const cast = byFirst('Cast', {
  jvp: again,
  vjp: (g, at, d) => g.cast(d, g.type(at.x)),
})

/** Values moved, never changed: linear, so that forward is the operator itself. */
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
  gather,
  cast,
]
