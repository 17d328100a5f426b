import { axisOf, int } from '../../onnx/graph.ts'
import { byFirst } from '../rule.ts'

/**
 * Elements gathered along one axis by constant indices. Reverse sums the elements of each index, by gathering from d:
 * for every r, the r-th use of each index. Where an index is used less often, a row of zeros after d is gathered.
 */
export const gather = byFirst('Gather', {
  jvp: (g, at, t) => g.node('Gather', [t, at.inputs[1]!], at.node.attributes),
  vjp: (g, at, d) => {
    const axis = axisOf(at.int('axis', 0), g.rank(at.x))
    const given = g.integersOf(at.inputs[1]) ?? g.refuse(at.node, 'its indices are not constant')
    const length = g.lengths(at.x, [axis]).known?.[0] ?? g.refuse(at.node, `the length of axis ${axis} is unknown`)
    const uses = Array.from({ length }, (): number[] => [])
    for (const [place, index] of given.entries()) uses[axisOf(index, length)]!.push(place)

    // Indices of any rank are flattened: their axes are merged in d, [… indices …].
    const shape = g.shape(at.x).with(axis, given.length)
    const lengths = (): string[] =>
      shape.map((_, i) => (i === axis ? g.integers([given.length]) : g.lengths(at.x, [i]).operand()))
    const rows = g.rank(at.y) === g.rank(at.x) ? d : g.reshapeTo(d, shape, () => g.concat(lengths(), 0))

    const maxUses = Math.max(...uses.map(use => use.length))
    const equalUses = uses.every(use => use.length === maxUses)
    const zeroRow = [...shape.map(() => 0), ...shape.map((_, i) => Number(i === axis))]
    const source = equalUses ? rows : g.pad(rows, zeroRow)
    const picks = Array.from({ length: maxUses }, (_, r) => g.integers(uses.map(use => use[r] ?? given.length)))
    return g.sum(picks.map(pick => g.node('Gather', [source, pick], { axis: int(axis) })))!
  },
})
