import type { Dims } from './dims.ts'
import { attribute, type Dim, type Node, type Shape } from './graph.ts'
import { scaledLength } from './resampling.ts'
import type { ShapeRule, ShapeRules } from './shapes.ts'

/** Positions of a window along every spatial axis of an image [N, C, …]. */
function windowed(spatial: Shape, kernel: readonly number[], node: Node, dims: Dims): Dim[] {
  const rank = spatial.length
  const strides = attribute(node, 'strides', 'ints', new Array(rank).fill(1))
  const dilations = attribute(node, 'dilations', 'ints', new Array(rank).fill(1))
  const pads = attribute(node, 'pads', 'ints', new Array(2 * rank).fill(0))
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  const ceil = attribute(node, 'ceil_mode', 'int', 0) === 1
  if (kernel.length !== rank) throw new Error(`a window of ${kernel.length} axes on an image of ${rank}`)
  return spatial.map((length, axis) => {
    const [stride, extent] = [strides[axis]!, dilations[axis]! * (kernel[axis]! - 1) + 1]
    // Padded so that the image is divided by the stride, rounded up: ⌈L/s⌉ = ⌊(L − 1)/s⌋ + 1.
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return dims.windows(length, -1, stride)
    const [before, after] = auto === 'VALID' ? [0, 0] : [pads[axis]!, pads[axis + rank]!]
    return dims.windows(length, before + after - extent, stride, ceil, before)
  })
}

/** The lengths of a convolution's kernel, by default those of its weights. */
const kernelOf = (node: Node, weights: Shape): readonly number[] => {
  const lengths = attribute(node, 'kernel_shape', 'ints') ?? weights.slice(2)
  if (!lengths.every(length => typeof length === 'number')) throw new Error('a kernel of unknown size')
  return lengths
}

const conv: ShapeRule = ([x, w], { node, dims }) => {
  const [n, channels, ...spatial] = x!.shape
  const expected = w!.shape[1]
  const group = attribute(node, 'group', 'int', 1)
  if (typeof channels === 'number' && typeof expected === 'number' && channels !== expected * group)
    throw new Error(`the kernel is for ${expected * group} channels`)
  return [{ type: x!.type, shape: [n!, w!.shape[0]!, ...windowed(spatial, kernelOf(node, w!.shape), node, dims)] }]
}

const pool: ShapeRule = ([x], { node, dims }) => {
  const [n, channels, ...spatial] = x!.shape
  const shape = [n!, channels!, ...windowed(spatial, attribute(node, 'kernel_shape', 'ints', []), node, dims)]
  return [
    { type: x!.type, shape },
    { type: 'int64', shape },
  ]
}

const globalPool: ShapeRule = ([x]) => [{ type: x!.type, shape: x!.shape.map((dim, axis) => (axis < 2 ? dim : 1)) }]

const convTranspose: ShapeRule = ([x, w], { node, dims }) => {
  const [n, , ...spatial] = x!.shape
  const rank = spatial.length
  const kernel = kernelOf(node, w!.shape)
  const channels = dims.times(w!.shape[1]!, attribute(node, 'group', 'int', 1))
  const strides = attribute(node, 'strides', 'ints', new Array(rank).fill(1))
  const dilations = attribute(node, 'dilations', 'ints', new Array(rank).fill(1))
  const pads = attribute(node, 'pads', 'ints', new Array(2 * rank).fill(0))
  const extra = attribute(node, 'output_padding', 'ints', new Array(rank).fill(0))
  const requested = attribute(node, 'output_shape', 'ints')
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  const lengths = spatial.map((length, axis): Dim => {
    if (requested?.length) return requested[requested.length - rank + axis]!
    const stretched = dims.times(length, strides[axis]!)
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') return stretched
    const cut = auto === 'VALID' ? 0 : pads[axis]! + pads[axis + rank]!
    const extent = dilations[axis]! * (kernel[axis]! - 1) + 1
    return dims.plus(stretched, extent - strides[axis]! + extra[axis]! - cut)
  })
  return [{ type: x!.type, shape: [n!, channels, ...lengths] }]
}

/** By a factor for every axis, or to a length for every axis. */
const resize: ShapeRule = ([x, , scales, sizes], { dims }) => {
  const given = sizes ?? scales
  if (!given) return undefined
  const { content } = given
  const shape = x!.shape.map((length, axis): Dim => {
    const each = content?.[axis]
    if (each === undefined) return dims.fresh()
    if (sizes) return each
    return typeof each === 'number' ? scaled(length, each, dims) : dims.named(`resized ${length} by ${each}`)
  })
  return [{ type: x!.type, shape }]
}

function scaled(length: Dim, scale: number, dims: Dims): Dim {
  if (typeof length === 'number') return scaledLength(length, scale)
  if (Number.isInteger(scale)) return dims.times(length, scale)
  // ⌊L/k⌋ = ⌊(L − k)/k⌋ + 1.
  return Number.isInteger(1 / scale)
    ? dims.windows(length, -1 / scale, 1 / scale)
    : dims.named(`resized ${length} by ${scale}`)
}

/** Operators that move a window over an image, and Resize. */
export const windowRules: ShapeRules = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  Resize: resize,
}
