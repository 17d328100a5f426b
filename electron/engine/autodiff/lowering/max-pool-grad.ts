import type { Calculus } from '../calculus.ts'
import { Lengths } from '../lengths.ts'
import { channelsFirst, channelsLast } from './channels-last.ts'
import { type Line, lines, padBy } from './line.ts'
import type { Lowering } from './lowering.ts'

/**
 * MaxPoolGrad(x, y, d): along each axis, the first first, d goes to the first element of its window that is the
 * maximum: each element takes its share from the remainder, and the last takes what remains.
 */
export const maxPoolGrad: Lowering = (g, at) => {
  const gradient = lines(g, at).reduce(
    (d, line) => {
      const parts: string[] = []
      let rest = d
      for (const isMaximum of line.isMaximum) {
        const taken = g.only(isMaximum, rest)
        parts.push(taken)
        rest = g.sub(rest, taken)
      }
      return scatter(g, line, [...parts, rest])
    },
    channelsLast(g, at.inputs[2]!, at.inputs[1]!),
  )
  return channelsFirst(g, gradient, at.x)
}

/**
 * Adds the part of each element of the kernel at its position. The elements of one phase are in adjacent rows of the
 * grid: they are shifted and added, and the phases interleaved, [… rows …] to [… rows, stride …] = [… grid …].
 * @param parts for each element of the kernel, its part of d, in the shape of the pooled value
 */
function scatter(g: Calculus, line: Line, parts: readonly string[]): string {
  const { axis, rank, stride, dilation, rows, pads } = line
  if (pads) {
    const span = (line.kernel - 1) * dilation
    // Elements in the padding are zero: they are cropped as the part is shifted.
    return g.sum(parts.map((part, j) => padBy(g, line, part, j * dilation - pads[0], span - j * dilation - pads[1])))!
  }
  const phases = Array.from({ length: stride }, (_, phase) =>
    g.sum(
      parts.flatMap((part, j) => {
        if ((j * dilation) % stride !== phase) return []
        const shift = Math.floor((j * dilation) / stride)
        return [g.padAxes(part, rank, [axis], Lengths.of(g, [shift]), Lengths.of(g, [rows - shift]))]
      }),
    ),
  )
  return g.crop(interleaved(g, line, phases), [axis], line.begin, line.x, line.grid)
}

function interleaved(
  g: Calculus,
  { axis, stride, shape, grid, padded }: Line,
  phases: readonly (string | undefined)[],
): string {
  const present = phases.find(phase => phase !== undefined)!
  if (stride === 1) return present
  const zeros = (): string => g.node('Expand', [g.scalar(0), g.node('Shape', [present])])
  const columns = phases.map(phase => g.node('Unsqueeze', [phase ?? zeros(), g.integers([axis + 1])]))
  const full = shape.map((dim, i) => (i === axis ? (grid.known?.[0] ?? 'unknown') : dim))
  return g.reshapeTo(g.concat(columns, axis + 1), full, () => g.node('Shape', [padded]))
}
