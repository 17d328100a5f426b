import { element, gridOf, lines, padded } from './line.ts'
import type { Lowering } from './lowering.ts'

/**
 * MaxPoolTangent(x, y, t): along each axis, the last first, t at the first element of the window that equals its
 * maximum. The last element needs no mask: if no other was the maximum, it is.
 */
export const maxPoolTangent: Lowering = (g, at) =>
  lines(g, at).reduceRight((t, line) => {
    const grid = gridOf(line)
    const [x, tangent] = [padded(g, line, grid, line.before, -Infinity), padded(g, line, grid, t, 0)]
    let result = element(g, line, grid, tangent, line.kernel - 1)
    for (let j = line.kernel - 2; j >= 0; j--) {
      const isMaximum = g.equal(element(g, line, grid, x, j), line.after)
      result = g.where(isMaximum, element(g, line, grid, tangent, j), result)
    }
    return result
  }, at.inputs[2]!)
