import { axisOf, int } from '../../onnx/graph.ts'
import { Lengths } from '../lengths.ts'
import { byFirst } from '../rule.ts'

/**
 * Elements gathered along one axis by constant indices. Reverse sums the elements of each index, by gathering from d:
 * for every r, the r-th use of each index. Where an index is used less often, a row of zeros after d is gathered.
 * A single index, such as that of a class token, is padded to the length of the axis, which may be known only at run time.
 */
export const gather = byFirst('Gather', {
  jvp: (g, at, t) => g.node('Gather', [t, at.inputs[1]!], at.node.attributes),
  vjp: (g, at, d) => {
    const axis = axisOf(at.int('axis', 0), g.rank(at.x))
    const given = g.integersOf(at.inputs[1]) ?? g.refuse(at.node, 'its indices are not constant')
    const full = g.lengths(at.x, [axis])

    // Indices of any rank are flattened: their axes are merged in d, [… indices …].
    const shape = g.shape(at.x).with(axis, given.length)
    const lengths = (): string[] =>
      shape.map((_, i) => (i === axis ? g.integers([given.length]) : g.lengths(at.x, [i]).operand()))
    const rows = g.rank(at.y) === g.rank(at.x) ? d : g.reshapeTo(d, shape, () => g.concat(lengths(), 0))

    const length = full.known?.[0]
    if (length === undefined) {
      if (given.length !== 1) g.refuse(at.node, `the length of axis ${axis} is unknown`)
      const before = given[0]! < 0 ? full.plus(given) : Lengths.of(g, given)
      return g.padAxes(rows, shape.length, [axis], before, full.minus(before).minus([1]))
    }
    const uses = Array.from({ length }, (): number[] => [])
    for (const [place, index] of given.entries()) uses[axisOf(index, length)]!.push(place)
    const maxUses = Math.max(...uses.map(use => use.length))
    const equalUses = uses.every(use => use.length === maxUses)
    const zeroRow = [...shape.map(() => 0), ...shape.map((_, i) => Number(i === axis))]
    const source = equalUses ? rows : g.pad(rows, zeroRow)
    const picks = Array.from({ length: maxUses }, (_, r) => g.integers(uses.map(use => use[r] ?? given.length)))
    return g.sum(picks.map(pick => g.node('Gather', [source, pick], { axis: int(axis) })))!
  },
})
