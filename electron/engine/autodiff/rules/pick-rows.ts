import { byFirst } from '../rule.ts'

/**
 * Rows of x selected by an index that is a value of the graph, as is its transpose (see composites.ts): forward the
 * same
 * rows of t; reverse, for every row of x, the sum of the at most two rows of d that it was copied to.
 */
export const pickRows = byFirst('PickRows', {
  jvp: (g, at, t) => g.composite('PickRows', [t, ...at.inputs.slice(1)]),
  vjp: (g, at, d) => {
    const [, , once, twice] = at.inputs
    // One more row, of zeros, after the last: an index beyond the rows reads it.
    const rows = g.pad(g.reshape(d, [-1, g.shape(at.x)[1] as number]), [0, 0, 1, 0])
    return g.add(g.node('Gather', [rows, once!]), g.node('Gather', [rows, twice!]))
  },
})
