import * as tf from '@tensorflow/tfjs-core'
import { attribute, type Node } from '../../onnx/graph.ts'
import { padded } from './movement.ts'
import { deviceAt, floatOf, intOf, type Operators } from './operator.ts'
import { Device } from './value.ts'

type Pair = readonly [number, number]

interface Geometry {
  readonly kernel: Pair
  readonly strides: Pair
  readonly dilations: Pair
  readonly begin: Pair
  readonly end: Pair
  /** Number of windows along both axes. */
  readonly windows: Pair
}

const pair = (node: Node, name: string): Pair => {
  const [a = 1, b = 1] = attribute(node, name, 'ints', [])
  return [a, b]
}

const each = (f: (i: 0 | 1) => number): Pair => [f(0), f(1)]

/** The windows of Conv and the pools, as defined by the standard. In ceil mode no window starts after the end of x. */
function geometry(node: Node, [height, width]: Pair, kernel: Pair): Geometry {
  const [strides, dilations] = [pair(node, 'strides'), pair(node, 'dilations')]
  const size: Pair = [height, width]
  const span = each(i => (kernel[i] - 1) * dilations[i] + 1)
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  if (auto.startsWith('SAME')) {
    const windows = each(i => Math.ceil(size[i] / strides[i]))
    const total = each(i => Math.max(0, (windows[i] - 1) * strides[i] + span[i] - size[i]))
    const [less, more] = [each(i => Math.floor(total[i] / 2)), each(i => Math.ceil(total[i] / 2))]
    const [begin, end] = auto === 'SAME_UPPER' ? [less, more] : [more, less]
    return { kernel, strides, dilations, begin, end, windows }
  }
  const pads = auto === 'VALID' ? [0, 0, 0, 0] : attribute(node, 'pads', 'ints', [0, 0, 0, 0])
  const begin = each(i => pads[i]!)
  const end = each(i => pads[i + 2]!)
  const windows = each(i => {
    const room = (size[i] + begin[i] + end[i] - span[i]) / strides[i]
    if (!intOf(node, 'ceil_mode', 0)) return Math.floor(room) + 1
    const count = Math.ceil(room) + 1
    return (count - 1) * strides[i] >= size[i] + begin[i] ? count - 1 : count
  })
  return { kernel, strides, dilations, begin, end, windows }
}

const sizeOf = ({ dims }: Device): Pair => [dims[2]!, dims[3]!]

function requireImage(x: Device, node: Node): void {
  if (x.dims.length !== 4)
    throw new Error(
      `${node.op} "${node.name}" has ${x.dims.length - 2} spatial axes, but the TensorFlow runtime supports two`,
    )
}

/** x padded or cropped to exactly the windows: [N, H, W, C]. */
function framed(x: Device, { kernel, strides, dilations, begin, windows }: Geometry, value: number): tf.Tensor4D {
  const after = each(i => (windows[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - sizeOf(x)[i] - begin[i])
  return padded(x.last, [0, ...begin, 0], [0, ...after, 0], value) as tf.Tensor4D
}

const shapes = (parts: readonly (readonly number[])[]): number[] => parts.flat()

/**
 * A kernel [a, b, h, w] with zeros between its elements: TensorFlow does not support strides together with dilations.
 */
function dilated(weights: tf.Tensor, [down, across]: Pair): tf.Tensor {
  if (down === 1 && across === 1) return weights
  const [a, b, h, w] = weights.shape as [number, number, number, number]
  const spread = (x: tf.Tensor, outer: readonly number[], length: number, inner: number, by: number): tf.Tensor => {
    const size = outer.reduce((product, dim) => product * dim, 1)
    const apart = tf.pad(tf.reshape(x, [size, length, 1, inner]), [
      [0, 0],
      [0, 0],
      [0, by - 1],
      [0, 0],
    ])
    return tf.slice(tf.reshape(apart, [size, length * by, inner]), [0, 0, 0], [size, (length - 1) * by + 1, inner])
  }
  const tall = (h - 1) * down + 1
  const rows = spread(weights, [a, b], h, w, down)
  return tf.reshape(spread(rows, [a, b, tall], w, 1, across), shapes([[a, b, tall, (w - 1) * across + 1]]))
}

/** A kernel in TensorFlow's layout, computed once for constant weights. */
export type KernelOf = (node: Node, weights: Device, create: () => tf.Tensor) => tf.Tensor

const bias = (y: tf.Tensor, inputs: Parameters<Operators[string]>[0], node: Node): Device =>
  Device.last(inputs[2] ? tf.add(y, deviceAt(inputs, 2, node).first) : y)

export const windowOperators = (kernelOf: KernelOf): Operators => ({
  Conv: (inputs, node) => {
    const [x, w] = [deviceAt(inputs, 0, node), deviceAt(inputs, 1, node)]
    requireImage(x, node)
    const place = geometry(node, sizeOf(x), sizeOf(w))
    const groups = intOf(node, 'group', 1)
    const image = framed(x, place, 0)
    const [many, few] = [w.dims[0]!, w.dims[1]!]
    const strides = [...place.strides] as [number, number]
    if (few === 1 && groups > 1) {
      // [M, 1, h, w] to [h, w, C, M/C]
      const filter = kernelOf(node, w, () => {
        const [, , h, k] = dilated(w.first, place.dilations).shape as [number, number, number, number]
        const spread = tf.reshape(dilated(w.first, place.dilations), [groups, many / groups, h, k])
        return tf.transpose(spread, [2, 3, 0, 1])
      })
      return [bias(tf.depthwiseConv2d(image, filter as tf.Tensor4D, strides, 'valid'), inputs, node)]
    }
    const filter = kernelOf(node, w, () => tf.transpose(dilated(w.first, place.dilations), [2, 3, 1, 0])) as tf.Tensor4D
    if (groups === 1) return [bias(tf.conv2d(image, filter, strides, 'valid'), inputs, node)]
    const parts = tf.split(image as tf.Tensor, groups, 3) as tf.Tensor4D[]
    const filters = tf.split(filter as tf.Tensor, groups, 3) as tf.Tensor4D[]
    const y = tf.concat(
      parts.map((part, i) => tf.conv2d(part, filters[i]!, strides, 'valid')),
      3,
    )
    return [bias(y, inputs, node)]
  },
  ConvTranspose: (inputs, node) => {
    const [x, w] = [deviceAt(inputs, 0, node), deviceAt(inputs, 1, node)]
    requireImage(x, node)
    const [strides, dilations] = [pair(node, 'strides'), pair(node, 'dilations')]
    const groups = intOf(node, 'group', 1)
    const size = sizeOf(x)
    const span = each(i => (sizeOf(w)[i] - 1) * dilations[i] + 1)
    const full = each(i => (size[i] - 1) * strides[i] + span[i])
    // [C, M/groups, h, w] to [h, w, M/groups, C]
    const filter = kernelOf(node, w, () => tf.transpose(dilated(w.first, dilations), [2, 3, 1, 0]))
    const images = tf.split(x.last, groups, 3) as tf.Tensor4D[]
    const filters = tf.split(filter, groups, 3) as tf.Tensor4D[]
    const shape: [number, number, number, number] = [x.dims[0]!, ...full, w.dims[1]!]
    const parts = images.map((image, i) =>
      tf.conv2dTranspose(image, filters[i]!, shape, [...strides] as [number, number], 'valid'),
    )
    const { begin, end } = cuts(node, size, strides, full)
    const y = padded(tf.concat(parts, 3), [0, -begin[0], -begin[1], 0], [0, -end[0], -end[1], 0], 0)
    return [bias(y, inputs, node)]
  },
  MaxPool: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    requireImage(x, node)
    const place = geometry(node, sizeOf(x), pair(node, 'kernel_shape'))
    const image = framed(x, place, Number.NEGATIVE_INFINITY)
    return [Device.last(maxima(image, place))]
  },
  AveragePool: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    requireImage(x, node)
    const place = geometry(node, sizeOf(x), pair(node, 'kernel_shape'))
    const { kernel, strides } = place
    if (place.dilations.some(by => by > 1)) throw new Error(`${node.op} "${node.name}" is dilated`)
    const image = framed(x, place, 0)
    // XNNPACK refuses a window of one element.
    const one = kernel[0] * kernel[1] === 1
    const mean = one
      ? tf.stridedSlice(image, [0, 0, 0, 0], image.shape, [1, ...strides, 1])
      : tf.avgPool(image, [...kernel] as [number, number], [...strides] as [number, number], 'valid')
    const shares = sharesOf(place, sizeOf(x), intOf(node, 'count_include_pad', 0) === 1)
    return [Device.last(shares ? tf.mul(mean, tf.tensor(shares, [1, ...place.windows, 1])) : mean)]
  },
  GlobalAveragePool: (inputs, node) => [Device.last(tf.mean(deviceAt(inputs, 0, node).last, [1, 2], true))],
  GlobalMaxPool: (inputs, node) => [Device.last(tf.max(deviceAt(inputs, 0, node).last, [1, 2], true))],
  BatchNormalization: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    requireImage(x, node)
    const [scale, shift, mean, variance] = [1, 2, 3, 4].map(i => deviceAt(inputs, i, node).first)
    const slope = tf.div(scale!, tf.sqrt(tf.add(variance!, floatOf(node, 'epsilon', 1e-5))))
    return [Device.last(tf.add(tf.mul(tf.sub(x.last, mean!), slope), shift!))]
  },
  LRN: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    requireImage(x, node)
    const n = intOf(node, 'size', 1)
    const before = Math.floor((n - 1) / 2)
    const squares = padded(tf.square(x.last), [0, 0, 0, before], [0, 0, 0, n - 1 - before], 0)
    const sums = Array.from({ length: n }, (_, i) => tf.slice(squares, [0, 0, 0, i], x.last.shape))
    const sum = sums.reduce((total, part) => tf.add(total, part))
    const scale = tf.add(tf.mul(sum, floatOf(node, 'alpha', 1e-4) / n), floatOf(node, 'bias', 1))
    return [Device.last(tf.div(x.last, tf.pow(scale, floatOf(node, 'beta', 0.75))))]
  },
})

/** The cropping of ConvTranspose's full result; negative where it adds zeros. */
function cuts(node: Node, size: Pair, strides: Pair, full: Pair): { begin: Pair; end: Pair } {
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET')
  const extra = attribute(node, 'output_padding', 'ints', [0, 0])
  const requested = attribute(node, 'output_shape', 'ints', [])
  const same = auto.startsWith('SAME')
  if (requested.length > 0 || same) {
    const target = each(i => (requested.length > 0 ? requested[requested.length - 2 + i]! : size[i] * strides[i]))
    const total = each(i => full[i] + extra[i]! - target[i])
    // The standard and ONNX Runtime disagree about the position of the missing elements.
    if (same && total.some(length => length < 0))
      throw new Error(
        `${node.op} "${node.name}" has strides larger than its kernel and ${auto} padding, which the TensorFlow runtime does not support`,
      )
    const begin = each(i => (auto === 'SAME_UPPER' ? Math.floor(total[i] / 2) : total[i] - Math.floor(total[i] / 2)))
    return { begin, end: each(i => full[i] - target[i] - begin[i]) }
  }
  const pads = auto === 'VALID' ? [0, 0, 0, 0] : attribute(node, 'pads', 'ints', [0, 0, 0, 0])
  return { begin: each(i => pads[i]!), end: each(i => pads[i + 2]! - extra[i]!) }
}

/** Maxima of windows that are inside the image. */
function maxima(image: tf.Tensor4D, { kernel, strides, dilations, windows }: Geometry): tf.Tensor {
  if (kernel[0] * kernel[1] > 1 && dilations.every(by => by === 1))
    return tf.maxPool(image, [...kernel] as [number, number], [...strides] as [number, number], 'valid')
  const parts: tf.Tensor[] = []
  for (let j = 0; j < kernel[0]; j++)
    for (let i = 0; i < kernel[1]; i++) {
      const begin = [0, j * dilations[0], i * dilations[1], 0]
      const end = [
        image.shape[0],
        begin[1]! + (windows[0] - 1) * strides[0] + 1,
        begin[2]! + (windows[1] - 1) * strides[1] + 1,
        image.shape[3],
      ]
      parts.push(tf.stridedSlice(image, begin, end, [1, ...strides, 1]))
    }
  return parts.reduce((max, part) => tf.maximum(max, part))
}

/**
 * The factor of a mean over complete windows, padding counted as zeros; undefined where it is 1.
 * @param included whether padding counts; the elements that ceil mode adds after it never count
 */
function sharesOf(place: Geometry, size: Pair, included: boolean): Float32Array | undefined {
  const { kernel, strides, begin, end, windows } = place
  const counts = [0, 1].map(axis => {
    const i = axis as 0 | 1
    const [low, high] = included ? [-begin[i], size[i] + end[i]] : [0, size[i]]
    return Array.from({ length: windows[i] }, (_, at) => {
      const start = at * strides[i] - begin[i]
      return Math.min(start + kernel[i], high) - Math.max(start, low)
    })
  })
  const full = kernel[0] * kernel[1]
  const shares = Float32Array.from(counts[0]!.flatMap(rows => counts[1]!.map(columns => full / (rows * columns))))
  return shares.every(share => share === 1) ? undefined : shares
}
