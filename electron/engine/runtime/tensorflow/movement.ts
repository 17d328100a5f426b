import * as tf from '@tensorflow/tfjs-core'
import { attribute, axisOf, type Node } from '../../onnx/graph.ts'
import { elements, float32 } from '../../onnx/tensor.ts'
import { broadcastDims, indicesOf } from './host.ts'
import { along, anyLast, deviceAt, intOf, type Operators } from './operator.ts'
import { Device, host, integers, numbersOf, transposed, uploaded, type Value } from './value.ts'

/** The same elements in other axes. */
const relabelled = (x: Value, dims: readonly number[]): Value =>
  x.kind === 'host' ? host(x.type, dims, x.data) : Device.first(tf.reshape(x.first, [...dims]))

const axesOf = (inputs: readonly (Value | undefined)[], node: Node): number[] | undefined =>
  inputs[1] ? numbersOf(inputs[1], 'axes') : attribute(node, 'axes', 'ints')?.slice()

/** Operators that move elements without changing them. */
export const movement: Operators = {
  Shape: ([x], node) => {
    const rank = x!.dims.length
    return [integers(x!.dims.slice(axisOf(intOf(node, 'start', 0), rank), axisOf(intOf(node, 'end', rank), rank)))]
  },
  Size: ([x]) => [integers([elements(x!.dims)], [])],
  ConstantOfShape: ([shape], node) => {
    const dims = numbersOf(shape, 'the shape')
    const { type, data } = attribute(node, 'value', 'tensor') ?? float32([1])
    const value = Number(data[0])
    if (type === 'float32') return [Device.first(tf.fill(dims, value))]
    return [host(type, dims, new Float64Array(elements(dims)).fill(value))]
  },
  Range: ([start, limit, delta]) => {
    const [first, end, step] = [start, limit, delta].map(each => numbersOf(each, 'a bound of the range')[0]!)
    return [
      integers(Array.from({ length: Math.max(0, Math.ceil((end! - first!) / step!)) }, (_, i) => first! + i * step!)),
    ]
  },
  Reshape: ([x, shape], node) => {
    const copies = intOf(node, 'allowzero', 0) === 0
    const requested = numbersOf(shape, 'the shape').map((dim, axis) => (dim === 0 && copies ? x!.dims[axis]! : dim))
    const rest = elements(x!.dims) / elements(requested.filter(dim => dim !== -1))
    return [
      relabelled(
        x!,
        requested.map(dim => (dim === -1 ? rest : dim)),
      ),
    ]
  },
  Flatten: ([x], node) => {
    const axis = axisOf(intOf(node, 'axis', 1), x!.dims.length)
    return [relabelled(x!, [elements(x!.dims.slice(0, axis)), elements(x!.dims.slice(axis))])]
  },
  Squeeze: (inputs, node) => {
    const x = inputs[0]!
    const removed = axesOf(inputs, node)?.map(axis => axisOf(axis, x.dims.length))
    return [
      relabelled(
        x,
        x.dims.filter((dim, axis) => (removed ? !removed.includes(axis) : dim !== 1)),
      ),
    ]
  },
  Unsqueeze: (inputs, node) => {
    const x = inputs[0]!
    const axes = axesOf(inputs, node)!
    const rank = x.dims.length + axes.length
    const added = axes.map(axis => axisOf(axis, rank))
    const rest = [...x.dims]
    return [
      relabelled(
        x,
        Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.shift()!)),
      ),
    ]
  },
  Transpose: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const perm = attribute(node, 'perm', 'ints') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis)
    return [Device.first(transposed(x.first, perm))]
  },
  Expand: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    return [Device.first(tf.broadcastTo(x.first, broadcastDims([x.dims, numbersOf(inputs[1], 'the shape')])))]
  },
  Tile: (inputs, node) => [Device.first(tf.tile(deviceAt(inputs, 0, node).first, numbersOf(inputs[1], 'repeats')))],
  Concat: (inputs, node) => {
    const parts = inputs.map(x => uploaded(x!, 'float32'))
    const axis = axisOf(intOf(node, 'axis', 0), parts[0]!.dims.length)
    if (!anyLast(parts))
      return [
        Device.first(
          tf.concat(
            parts.map(x => x.first),
            axis,
          ),
        ),
      ]
    return [
      Device.last(
        tf.concat(
          parts.map(x => x.last),
          [0, 3, 1, 2][axis]!,
        ),
      ),
    ]
  },
  Split: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const axis = axisOf(intOf(node, 'axis', 0), x.dims.length)
    const count = node.outputs.length
    const each = Math.ceil(x.dims[axis]! / count)
    const sizes = inputs[1]
      ? numbersOf(inputs[1], 'the lengths')
      : Array.from({ length: count }, (_, i) => Math.min(each, x.dims[axis]! - i * each))
    let start = 0
    return sizes.map(size => {
      const begin = start
      start += size
      return along(x, [axis], (tensor, [place]) => sliced(tensor, place!, begin, size))
    })
  },
  Slice: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const [starts, ends] = [numbersOf(inputs[1], 'starts'), numbersOf(inputs[2], 'ends')]
    const axes = (inputs[3] ? numbersOf(inputs[3], 'axes') : starts.map((_, i) => i)).map(axis =>
      axisOf(axis, x.dims.length),
    )
    const steps = inputs[4] ? numbersOf(inputs[4], 'steps') : axes.map(() => 1)
    const taken = axes.map((axis, i) => indicesOf(x.dims[axis]!, starts[i]!, ends[i]!, steps[i]!))
    return [
      along(x, axes, (tensor, places) =>
        places.reduce((part, place, i) => stepped(part, place, taken[i]!, steps[i]!), tensor),
      ),
    ]
  },
  Pad: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    if (attribute(node, 'mode', 'string', 'constant') !== 'constant')
      throw new Error(`${node.op} "${node.name}" pads with a mode other than constant`)
    const pads = numbersOf(inputs[1], 'pads')
    const rank = x.dims.length
    const value = inputs[2] ? numbersOf(inputs[2], 'the value')[0]! : 0
    const axes = x.dims.map((_, axis) => axis)
    return [
      along(x, axes, (tensor, places) => {
        const begin = new Array<number>(rank)
        const end = new Array<number>(rank)
        for (const [axis, place] of places.entries()) {
          begin[place] = pads[axis]!
          end[place] = pads[axis + rank]!
        }
        return padded(tensor, begin, end, value)
      }),
    ]
  },
  Gather: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const axis = axisOf(intOf(node, 'axis', 0), x.dims.length)
    const indices = inputs[1]!
    const length = x.dims[axis]!
    const places = tf.tensor1d(
      numbersOf(indices, 'indices').map(index => axisOf(index, length)),
      'int32',
    )
    if (axis === 0 && x.isLast && indices.dims.length === 1) return [Device.last(tf.gather(x.last, places, 0))]
    const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)]
    return [Device.first(tf.reshape(tf.gather(x.first, places, axis), dims))]
  },
}

function sliced(tensor: tf.Tensor, axis: number, begin: number, size: number): tf.Tensor {
  if (size === tensor.shape[axis]) return tensor
  const starts = tensor.shape.map((_, i) => (i === axis ? begin : 0))
  return tf.slice(
    tensor,
    starts,
    tensor.shape.map((length, i) => (i === axis ? size : length)),
  )
}

/** Elements of an axis at a constant distance. */
function stepped(tensor: tf.Tensor, axis: number, indices: readonly number[], step: number): tf.Tensor {
  if (indices.length === 0 || step === 1) return sliced(tensor, axis, indices[0] ?? 0, indices.length)
  if (step < 0) return tf.gather(tensor, tf.tensor1d([...indices], 'int32'), axis)
  const begin = tensor.shape.map((_, i) => (i === axis ? indices[0]! : 0))
  const end = tensor.shape.map((length, i) => (i === axis ? indices.at(-1)! + 1 : length))
  return tf.stridedSlice(
    tensor,
    begin,
    end,
    tensor.shape.map((_, i) => (i === axis ? step : 1)),
  )
}

/** Pads with a constant; negative numbers crop. */
export function padded(tensor: tf.Tensor, begin: readonly number[], end: readonly number[], value: number): tf.Tensor {
  let x = tensor
  for (const [axis, length] of tensor.shape.entries()) {
    const [before, after] = [Math.max(0, -begin[axis]!), Math.max(0, -end[axis]!)]
    x = sliced(x, axis, before, length - before - after)
  }
  const pads = begin.map((before, axis): [number, number] => [Math.max(0, before), Math.max(0, end[axis]!)])
  return pads.some(([before, after]) => before + after > 0) ? tf.pad(x, pads, value) : x
}
