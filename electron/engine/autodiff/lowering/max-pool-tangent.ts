import { channelsFirst, channelsLast } from './channels-last.ts'
import { element, lines, pad } from './line.ts'
import type { Lowering } from './lowering.ts'

/** MaxPoolTangent(x, y, t): along each axis, the last first, t at the first element of the window that is its maximum. */
export const maxPoolTangent: Lowering = (g, at) => {
  const tangent = lines(g, at).reduceRight(
    (t, line) => {
      const padded = pad(g, line, t, 0)
      const last = element(g, line, padded, line.kernel - 1)
      return line.isMaximum.reduceRight(
        (rest, isMaximum, j) => g.where(isMaximum, element(g, line, padded, j), rest),
        last,
      )
    },
    channelsLast(g, at.inputs[2]!, at.x),
  )
  return channelsFirst(g, tangent, at.inputs[1]!)
}
