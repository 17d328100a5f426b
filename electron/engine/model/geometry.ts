import { type Axes, batchPlace, isPosition, positionsOf, tokensOf } from '../onnx/axes/factors.ts'
import { followKnown, type Place } from '../onnx/axes/follow.ts'
import { attribute, type Graph, type Node, type ValueInfo } from '../onnx/graph.ts'
import { numbersOf } from '../onnx/shape-content.ts'
import { type Inferred, inferShapes } from '../onnx/shapes.ts'
import { type Layout, layoutOf } from './layout.ts'
import type { Extent } from './sidecar.ts'

/** The units of a value and their positions in the image. */
export interface Geometry {
  readonly channels: number
  /** Units at the given size of the image. */
  readonly height: number
  readonly width: number
  /** Pixels between two neighbouring units. */
  readonly stride: number
  /**
   * Edge of the square of pixels that one unit depends on; the complete image after a global average. The gates of
   * squeeze-and-excitation, which depend on the complete image too, are not counted.
   */
  readonly receptiveField: number
}

/** Stride between units, and receptive field of a unit, in pixels; Infinity after a global pool. */
interface Field {
  readonly stride: number
  readonly size: number
}

const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool'])
const GLOBAL = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool', 'ReduceMean', 'ReduceSum', 'ReduceMax'])

/** The geometry of a value, and how it holds its channels and positions where that is not [N, C, H, W]. */
export interface Measured extends Geometry {
  readonly layout?: Layout
}

/**
 * Geometry of every value that has one vector of channels for each position of the image: images [N, C, H, W], the same
 * with the channels last, and the tokens of transformers, in any order of the axes. Heads, windows, attention and values
 * whose positions are rotated are not included. The receptive field grows by the usual
 * recurrence r' = r + (d·(k − 1))·j, j' = j·s, for kernel k, dilation d and stride s; attention is a kernel as large as
 * its window; where paths merge, the maximum counts.
 * @param input name of the image input
 * @param size  of the image
 */
export function measure(graph: Graph, input: string, size: Extent): ReadonlyMap<string, Measured> {
  const sized = { ...graph, inputs: graph.inputs.map(info => (info.name === input ? imageOf(info, size) : info)) }
  const shapes = inferShapes(sized)
  const places = followKnown(sized, [input], shapes)
  const edge = Math.max(size.height, size.width)
  const fields = new Map<string, Field>([[input, { stride: 1, size: 1 }]])
  const measured = new Map<string, Measured>()
  for (const node of graph.nodes) {
    // Lengths are read from values of any resolution.
    const from = merge(node.inputs.map(name => (places.get(name)?.kind === 'lengths' ? undefined : fields.get(name))))
    if (!from) continue
    const field = through(node, from, shapes, places)
    for (const output of node.outputs) {
      if (!output) continue
      fields.set(output, field)
      const place = places.get(output)
      const units = unitsOf(shapes.get(output), place)
      if (!units) continue
      const isGlobal = !Number.isFinite(field.size)
      const stride = field.stride * spacing(place, units.layout)
      const [apart, receptiveField] = isGlobal
        ? [edge, edge]
        : [stride, units.layout ? Math.min(field.size, edge) : field.size]
      measured.set(output, { ...units, stride: apart, receptiveField })
    }
  }
  return measured
}

const imageOf = (info: ValueInfo, { height, width }: Extent): ValueInfo => ({
  ...info,
  shape: ['N', 3, height, width],
})

/** Channels, units and layout of a value of floating-point numbers that has positions. */
function unitsOf(
  value: Inferred | undefined,
  place: Place | undefined,
): Pick<Measured, 'channels' | 'height' | 'width' | 'layout'> | undefined {
  if (value?.type !== 'float32' || place?.kind !== 'images') return undefined
  return planesOf(value, place.axes) ?? layoutOf(place.axes, value.shape)
}

/** Those of an image [N, C, H, W]. */
function planesOf(value: Inferred, axes: Axes): Pick<Geometry, 'channels' | 'height' | 'width'> | undefined {
  if (value.shape.length !== 4) return undefined
  const [, channels, height, width] = value.shape
  if (typeof channels !== 'number' || typeof height !== 'number' || typeof width !== 'number') return undefined
  const batch = batchPlace(axes)
  if (batch?.axis !== 0 || batch.outer !== 1 || batch.inner !== 1) return undefined
  // With a single unit, no other axes can be mistaken for rows and columns.
  const single = height === 1 && width === 1
  const [rows, columns] = axes.slice(2).map(positionsOf)
  return single || (rows === 'rows' && columns === 'columns') ? { channels, height, width } : undefined
}

/** Units of the axis that a value's rows were taken from, to one of the value: 2 after the merging of patches in Swin. */
function spacing(place: Place | undefined, layout: Layout | undefined): number {
  const [at] = layout?.positions ?? [2]
  const axis = place?.kind === 'images' ? place.axes[at!] : undefined
  const positions = tokensOf(axis)?.grid.flat() ?? axis ?? []
  return Math.max(1, ...positions.filter(isPosition).map(({ step }) => step))
}

/** The maximum over several paths. A global path (a gate) counts only where all paths are global. */
function merge(paths: readonly (Field | undefined)[]): Field | undefined {
  const known = paths.filter(path => path !== undefined)
  const local = known.filter(path => Number.isFinite(path.size))
  const counted = local.length ? local : known
  if (counted.length === 0) return undefined
  return {
    stride: Math.max(...counted.map(path => path.stride)),
    size: Math.max(...counted.map(path => path.size)),
  }
}

function through(
  node: Node,
  { stride, size }: Field,
  shapes: ReadonlyMap<string, Inferred>,
  places: ReadonlyMap<string, Place>,
): Field {
  if (GLOBAL.has(node.op)) return { stride, size: Number.POSITIVE_INFINITY }
  if (node.op === 'MatMul') return { stride, size: size + summedOver(places.get(node.inputs[0]!)) * stride }
  if (node.op === 'Resize') return resampled(node, { stride, size }, shapes)
  if (node.op === 'Slice') return sliced(node, { stride, size }, shapes, places)
  const kernel = kernelOf(node, shapes)
  if (!kernel) return { stride, size }
  const steps = attribute(node, 'strides', 'ints', [1, 1])
  const dilations = attribute(node, 'dilations', 'ints', [1, 1])
  const span = Math.max(...kernel.map((k, axis) => (dilations[axis] ?? 1) * (k - 1)))
  // A transposed convolution has a smaller stride: neighbours share ⌈k/s⌉ of the inputs.
  if (node.op === 'ConvTranspose') {
    const step = Math.max(...steps)
    return { stride: stride / step, size: size + Math.floor(span / step) * stride }
  }
  return { stride: stride * Math.max(...steps), size: size + span * stride }
}

/**
 * Units between the first and the last position that a product of matrices sums over: those of the window of attention,
 * or of the complete image.
 */
function summedOver(left: Place | undefined): number {
  const axis = left?.kind === 'images' ? left.axes.at(-1) : undefined
  const factors = axis?.flatMap(factor => factor.grid ?? [factor]) ?? []
  const span = (of: 'rows' | 'columns') =>
    factors.filter(factor => factor.of === of).reduce((sum, { length, step }) => sum + (Number(length) - 1) * step, 0)
  return Math.max(span('rows'), span('columns'))
}

/** Positions that are closer or farther apart, each of a kernel around it: nearest, linear or cubic. */
function resampled(node: Node, { stride, size }: Field, shapes: ReadonlyMap<string, Inferred>): Field {
  const [from, to] = [node.inputs[0]!, node.outputs[0]!].map(name => shapes.get(name)?.shape.at(-2))
  if (typeof from !== 'number' || typeof to !== 'number' || to === 0) return { stride, size }
  const mode = attribute(node, 'mode', 'string', 'nearest')
  const reach = { nearest: 0, linear: 1, cubic: 3 }[mode] ?? 0
  const wide = attribute(node, 'antialias', 'int', 0) === 1 ? Math.max(1, from / to) : 1
  return { stride: (stride * from) / to, size: size + Math.ceil(reach * wide * stride) }
}

/** A slice of every n-th row from a first one on; its columns are taken alike, often by a slice of their own. */
function sliced(
  node: Node,
  { stride, size }: Field,
  shapes: ReadonlyMap<string, Inferred>,
  places: ReadonlyMap<string, Place>,
): Field {
  const place = places.get(node.inputs[0]!)
  const [starts, , axes, steps] = node.inputs.slice(1).map(name => numbersOf(shapes.get(name)))
  const ofRows = (axis: number) => place?.kind === 'images' && positionsOf(place.axes.at(axis)) === 'rows'
  const at = steps?.findIndex((step, i) => step > 1 && ofRows(axes?.[i] ?? i)) ?? -1
  if (at < 0) return { stride, size }
  const step = steps![at]!
  return { stride: stride * step, size: size + Math.max(0, Math.min(starts?.[at] ?? 0, step - 1)) * stride }
}

function kernelOf(node: Node, shapes: ReadonlyMap<string, Inferred>): readonly number[] | undefined {
  if (node.domain !== '') return undefined
  if (POOLS.has(node.op)) return attribute(node, 'kernel_shape', 'ints')
  if (node.op !== 'Conv' && node.op !== 'ConvTranspose') return undefined
  return shapes.get(node.inputs[1]!)?.shape.slice(2).map(Number)
}
