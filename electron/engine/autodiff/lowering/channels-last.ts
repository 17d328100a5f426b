import type { Shape } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'

/**
 * [N, C, …] as [N, …, C]. Shifting and padding along an axis then moves whole runs of channels. With channels first it
 * moves rows of pixels, a handful of numbers each for the small images of an icon: measured on a CPU, ten times slower,
 * and a transposition costs as much as one shift.
 *
 * The transposition stands between two reshapes, of [N, C, pixels] to [N, pixels, C]: ONNX Runtime moves a bare one
 * through pads and slices until it meets its inverse, and so undoes the layout.
 * @param like a value of the graph that has x's shape
 */
export function channelsLast(g: Calculus, x: string, like: string): string {
  const [batch, channels, ...spatial] = g.shape(like)
  const turned = g.transpose(g.reshape(x, [0, 0, -1]), [0, 2, 1])
  return shaped(g, turned, [batch!, ...spatial, channels!], () => [spatialOf(g, like), channelsOf(g, like)])
}

/** The way back. */
export function channelsFirst(g: Calculus, x: string, like: string): string {
  const channels = g.lengths(like, [1])
  const pixels = channels.known
    ? g.reshape(x, [0, -1, ...channels.known])
    : g.node('Reshape', [x, g.concat([g.integers([0, -1]), channels.operand()], 0)])
  return shaped(g, g.transpose(pixels, [0, 2, 1]), g.shape(like), () => [channelsOf(g, like), spatialOf(g, like)])
}

const channelsOf = (g: Calculus, like: string): string => g.lengths(like, [1]).operand()
const spatialOf = (g: Calculus, like: string): string => g.spatial(like).lengths.operand()

/** Reshapes to a shape; where that is not known, to the batch as it is, and the rest in pieces. */
const shaped = (g: Calculus, x: string, shape: Shape, rest: () => readonly string[]): string =>
  g.reshapeTo(x, shape, () => g.concat([g.integers([0]), ...rest()], 0))
