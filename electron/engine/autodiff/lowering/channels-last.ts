import type { Shape } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'

/**
 * [N, C, …] as [N, …, C]. Shifting and padding along an axis then moves contiguous blocks of channels. With channels
 * first it moves rows of pixels, a few numbers each for the small images of an icon: measured on a CPU, ten times
 * slower, and a transposition costs as much as one shift.
 *
 * The transposition is between two reshapes, of [N, C, pixels] to [N, pixels, C]: ONNX Runtime would move a plain one
 * through pads and slices to its inverse, and so undo the layout.
 * @param like a value of the graph that has x's shape
 */
export function channelsLast(g: Calculus, x: string, like: string): string {
  const [batch, channels, ...spatial] = g.shape(like)
  const transposed = g.transpose(g.reshape(x, [0, 0, -1]), [0, 2, 1])
  return shaped(g, transposed, [batch!, ...spatial, channels!], () => [spatialOf(g, like), channelsOf(g, like)])
}

/** The inverse: [N, …, C] as [N, C, …]. */
export function channelsFirst(g: Calculus, x: string, like: string): string {
  const channels = g.lengths(like, [1])
  const pixels = channels.known
    ? g.reshape(x, [0, -1, ...channels.known])
    : g.node('Reshape', [x, g.concat([g.integers([0, -1]), channels.operand()], 0)])
  return shaped(g, g.transpose(pixels, [0, 2, 1]), g.shape(like), () => [channelsOf(g, like), spatialOf(g, like)])
}

const channelsOf = (g: Calculus, like: string): string => g.lengths(like, [1]).operand()
const spatialOf = (g: Calculus, like: string): string => g.spatial(like).lengths.operand()

/** Reshapes to a shape; where that is unknown, to the batch unchanged and the other lengths from `rest`. */
const shaped = (g: Calculus, x: string, shape: Shape, rest: () => readonly string[]): string =>
  g.reshapeTo(x, shape, () => g.concat([g.integers([0]), ...rest()], 0))
