import type { Calculus } from '../calculus.ts'
import { Lengths } from '../lengths.ts'
import { element, type Grid, gridOf, type Line, lines, padded } from './line.ts'
import type { Lowering } from './lowering.ts'

/**
 * MaxPoolGrad(x, y, d): along each axis, the first first, d goes to the first element of its window that equals the
 * maximum; what an element does not take is left to the next, and the last takes the rest. Elements are put back by
 * phases: those of one phase lie in neighbouring rows of the grid, are shifted and added, and the phases interleaved.
 */
export const maxPoolGrad: Lowering = (g, at) =>
  lines(g, at).reduce((d, line) => {
    const grid = gridOf(line)
    const x = padded(g, line, grid, line.before, -Infinity)
    const taken: string[] = []
    let rest = d
    for (let j = 0; j < line.kernel - 1; j++) {
      const isMaximum = g.equal(element(g, line, grid, x, j), line.after)
      taken.push(g.only(isMaximum, rest))
      rest = g.except(isMaximum, rest)
    }
    return putBack(g, line, grid, x, [...taken, rest])
  }, at.inputs[2]!)

/** @param elements for each element of the kernel, its part of d, in the shape of the pooled value */
function putBack(g: Calculus, line: Line, { rows, length }: Grid, grid: string, elements: readonly string[]): string {
  const { axis, rank, stride, dilation, begin } = line
  const phases = Array.from({ length: stride }, (_, phase) =>
    g.sum(
      elements.flatMap((part, j) => {
        if ((j * dilation) % stride !== phase) return []
        const shift = Math.floor((j * dilation) / stride)
        return [g.padAxes(part, rank, [axis], Lengths.of(g, [shift]), Lengths.of(g, [rows - shift]))]
      }),
    ),
  )
  return g.crop(interleaved(g, line, length, grid, phases), [axis], begin, line.x, length)
}

/** Phases [… rows …] joined as [… rows, stride …], and read as [… rows·stride …]. */
function interleaved(
  g: Calculus,
  { axis, shape, stride }: Line,
  length: Lengths,
  grid: string,
  phases: readonly (string | undefined)[],
): string {
  const present = phases.find(phase => phase !== undefined)!
  if (stride === 1) return present
  const zeros = (): string => g.node('Expand', [g.scalar(0), g.node('Shape', [present])])
  const columns = phases.map(phase => g.node('Unsqueeze', [phase ?? zeros(), g.integers([axis + 1])]))
  const joined = g.concat(columns, axis + 1)
  const whole = shape.map((dim, i) => (i === axis ? (length.known?.[0] ?? 'unknown') : dim))
  return g.reshapeTo(joined, whole, () => g.node('Shape', [grid]))
}
