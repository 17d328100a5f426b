import { type Axes, batchPlace, positionsOf, tokensOf } from '../onnx/axes/factors.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import type { Shape } from '../onnx/graph.ts'

/**
 * How a value holds one vector of channels for each position of an image, where that is not [N, C, H, W]: channels last,
 * as in Swin and ConvNeXt, or tokens, as in ViT and CLIP, in any order of the axes.
 */
export interface Layout {
  /** The axes of the batch and of the channels, and those of length 1 that mean nothing. */
  readonly batch: number
  readonly channels: number
  readonly single: readonly number[]
  /** The axes of the positions: rows and columns, or that of the tokens alone. */
  readonly positions: readonly number[]
  /** Whether columns come before rows, in the order of the axes or of the tokens. */
  readonly columnsFirst: boolean
  /** Of tokens: how many there are, and how many, such as that of the class, come before those of the positions. */
  readonly tokens?: { readonly length: number; readonly before: number }
}

/** The channels and units of a value in its layout. */
interface LaidOut {
  readonly layout: Layout
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** The layout of a value; undefined where its axes are not those of images, channels and positions, each once. */
export function layoutOf(axes: Axes, shape: Shape): LaidOut | undefined {
  const batch = batchPlace(axes)
  if (batch?.outer !== 1 || batch.inner !== 1) return undefined
  const single: number[] = []
  const channels: number[] = []
  const lines: number[] = []
  const tokens: number[] = []
  for (const [at, axis] of axes.entries()) {
    if (at === batch.axis) continue
    if (positionsOf(axis)) lines.push(at)
    else if (tokensOf(axis)) tokens.push(at)
    else if (axis.length === 0 && shape[at] === 1) single.push(at)
    else if (axis.every(({ of }) => of === 'other')) channels.push(at)
    else return undefined
  }
  const [depth] = channels.map(at => shape[at])
  if (channels.length !== 1 || typeof depth !== 'number') return undefined
  const common = { batch: batch.axis, channels: channels[0]!, single }
  const [first, second] = lines
  if (tokens.length === 1 && first === undefined) {
    const { grid, before, length } = tokensOf(axes[tokens[0]!])!
    const [outer, inner] = grid.map(([factor]) => factor!.length)
    if (typeof outer !== 'number' || typeof inner !== 'number' || typeof length !== 'number') return undefined
    const columnsFirst = positionsOf(grid[0]) === 'columns'
    const [height, width] = columnsFirst ? [inner, outer] : [outer, inner]
    const layout = { ...common, positions: tokens, columnsFirst, tokens: { length, before } }
    return { layout, channels: depth, height, width }
  }
  if (tokens.length > 0 || lines.length !== 2 || positionsOf(axes[first!]) === positionsOf(axes[second!]))
    return undefined
  const columnsFirst = positionsOf(axes[first!]) === 'columns'
  const [height, width] = (columnsFirst ? [second, first] : [first, second]).map(at => shape[at!])
  if (typeof height !== 'number' || typeof width !== 'number') return undefined
  return { layout: { ...common, positions: lines, columnsFirst }, channels: depth, height, width }
}

/** A value of another layout as [N, C, H, W]. */
export function toPlanes(g: GraphBuilder, value: string, layout: Layout, height: number, width: number): string {
  const { tokens, columnsFirst } = layout
  const ordered = inOrder(g, value, layout)
  if (!tokens) return columnsFirst ? g.transpose(ordered, [0, 1, 3, 2]) : ordered
  const { before, length } = tokens
  const count = height * width
  const positions = count === length ? ordered : g.slice(ordered, [2], [before], [before + count])
  const grid = g.reshape(positions, [0, 0, ...(columnsFirst ? [width, height] : [height, width])])
  return columnsFirst ? g.transpose(grid, [0, 1, 3, 2]) : grid
}

/**
 * The inverse of `toPlanes`.
 * @param value  in its own layout: its other tokens are kept
 * @param planes [N, C, H, W]
 */
export function fromPlanes(g: GraphBuilder, value: string, planes: string, layout: Layout, positions: number): string {
  const { tokens, columnsFirst } = layout
  const grid = columnsFirst ? g.transpose(planes, [0, 1, 3, 2]) : planes
  if (!tokens) return fromOrder(g, grid, layout)
  const { before, length } = tokens
  const own = g.reshape(grid, [0, 0, positions])
  if (positions === length) return fromOrder(g, own, layout)
  const ordered = inOrder(g, value, layout)
  const part = (from: number, to: number) => (from < to ? [g.slice(ordered, [2], [from], [to])] : [])
  const all = g.concat([...part(0, before), own, ...part(before + positions, length)], 2)
  return fromOrder(g, all, layout)
}

/** The order of the axes: batch, channels, positions, and last those of length 1. */
const order = ({ batch, channels, positions, single }: Layout): number[] => [batch, channels, ...positions, ...single]

const trailing = ({ positions, single }: Layout): number[] => single.map((_, i) => 2 + positions.length + i)

function inOrder(g: GraphBuilder, value: string, layout: Layout): string {
  const transposed = g.transpose(value, order(layout))
  return layout.single.length ? g.node('Squeeze', [transposed, g.integers(trailing(layout))]) : transposed
}

function fromOrder(g: GraphBuilder, value: string, layout: Layout): string {
  const whole = layout.single.length ? g.node('Unsqueeze', [value, g.integers(trailing(layout))]) : value
  const axes = order(layout)
  return g.transpose(
    whole,
    axes.map((_, at) => axes.indexOf(at)),
  )
}
