import * as tf from '@tensorflow/tfjs-core'
import { attribute, axisOf, type Node } from '../../onnx/graph.ts'
import { along, deviceAt, floatOf, intOf, type Operator, type Operators } from './operator.ts'
import { Device, numbersOf, type Value } from './value.ts'

type Reduction = (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor

function axesOf(inputs: readonly (Value | undefined)[], node: Node, rank: number): number[] {
  const given = inputs[1] ? numbersOf(inputs[1], 'axes') : (attribute(node, 'axes', 'ints') ?? [])
  if (given.length > 0) return given.map(axis => axisOf(axis, rank))
  return intOf(node, 'noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, axis) => axis)
}

/** Reductions over some axes. */
const reduction =
  (f: Reduction): Operator =>
  (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const axes = axesOf(inputs, node, x.dims.length)
    if (axes.length === 0) return [Device.first(x.first)]
    if (axes.some(axis => x.dims[axis] === 0))
      throw new Error(
        `${node.op} "${node.name}" reduces an axis without elements, which the TensorFlow runtime does not support`,
      )
    if (intOf(node, 'keepdims', 1)) return [along(x, axes, (tensor, places) => f(tensor, places, true))]
    return [Device.first(f(x.first, axes, false))]
  }

/** Reductions and products of matrices. */
export const reductions: Operators = {
  ReduceSum: reduction(tf.sum),
  ReduceMean: reduction(tf.mean),
  ReduceMax: reduction(tf.max),
  ReduceMin: reduction(tf.min),
  ReduceProd: reduction(tf.prod),
  ArgMax: arg(tf.argMax),
  ArgMin: arg(tf.argMin),
  Softmax: softmax((x, axis) => {
    const powers = tf.exp(tf.sub(x, tf.max(x, axis, true)))
    return tf.div(powers, tf.sum(powers, axis, true))
  }),
  LogSoftmax: softmax((x, axis) => {
    const below = tf.sub(x, tf.max(x, axis, true))
    return tf.sub(below, tf.log(tf.sum(tf.exp(below), axis, true)))
  }),
  MatMul: (inputs, node) => [Device.first(product(deviceAt(inputs, 0, node).first, deviceAt(inputs, 1, node).first))],
  Gemm: (inputs, node) => {
    const [a, b] = [deviceAt(inputs, 0, node).first, deviceAt(inputs, 1, node).first]
    const plain = tf.matMul(a, unshared(b), intOf(node, 'transA', 0) === 1, intOf(node, 'transB', 0) === 1)
    const [alpha, beta] = [floatOf(node, 'alpha', 1), floatOf(node, 'beta', 1)]
    const scaled = alpha === 1 ? plain : tf.mul(plain, alpha)
    if (!inputs[2]) return [Device.first(scaled)]
    const offset = deviceAt(inputs, 2, node).first
    return [Device.first(tf.add(scaled, beta === 1 ? offset : tf.mul(offset, beta)))]
  },
}

/** The index of the extreme along one axis: the first of equals, or the last if the node selects it. */
function arg(f: (x: tf.Tensor, axis: number) => tf.Tensor): Operator {
  return (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const axis = axisOf(intOf(node, 'axis', 0), x.dims.length)
    const lastOfEquals = intOf(node, 'select_last_index', 0) === 1
    const first = f(lastOfEquals ? tf.reverse(x.first, axis) : x.first, axis)
    const at = lastOfEquals ? tf.sub(tf.scalar(x.dims[axis]! - 1, 'int32'), first) : first
    return [Device.first(intOf(node, 'keepdims', 1) ? tf.expandDims(at, axis) : at)]
  }
}

function softmax(f: (x: tf.Tensor, axis: number) => tf.Tensor): Operator {
  return (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    return [along(x, [axisOf(intOf(node, 'axis', -1), x.dims.length)], (tensor, [axis]) => f(tensor, axis!))]
  }
}

/** As in numpy: vectors are rows on the left and columns on the right, leading axes are broadcast. */
function product(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const left = a.rank === 1 ? tf.reshape(a, [1, a.shape[0]!]) : a
  const right = b.rank === 1 ? tf.reshape(b, [b.shape[0]!, 1]) : b
  const inner = left.shape.at(-1)!
  let y: tf.Tensor
  if (right.rank === 2) {
    // One large product instead of many small ones.
    const rows = tf.reshape(left, [left.size / inner, inner])
    y = tf.reshape(tf.matMul(rows, unshared(right)), [...left.shape.slice(0, -1), right.shape[1]!])
  } else {
    const rank = Math.max(left.rank, right.rank)
    const wide = (x: tf.Tensor) => tf.reshape(x, [...new Array<number>(rank - x.rank).fill(1), ...x.shape])
    const [wideLeft, wideRight] = [wide(left), wide(right)]
    const batch = wideLeft.shape.slice(0, -2).map((length, axis) => (length === 1 ? wideRight.shape[axis]! : length))
    // One operand is broadcast by the product itself; where both are, they are repeated first.
    const repeats = (x: tf.Tensor): boolean => batch.some((length, axis) => length !== x.shape[axis])
    const both = repeats(wideLeft) && repeats(wideRight)
    const repeated = (x: tf.Tensor) => (both ? tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]) : x)
    y = tf.matMul(repeated(wideLeft), unshared(repeated(wideRight)))
  }
  const dims = y.shape.filter(
    (_, axis) => !(a.rank === 1 && axis === y.rank - 2) && !(b.rank === 1 && axis === y.rank - 1),
  )
  return tf.reshape(y, dims)
}

/**
 * A right operand with separate data. The wasm backend caches a prepared product for each matrix, and identifies the
 * matrix by its data alone: another shape of the same data, such as a transposed vector, would use the wrong product.
 */
const unshared = (x: tf.Tensor): tf.Tensor =>
  tf.getBackend() === 'wasm'
    ? tf.slice(
        x,
        x.shape.map(() => 0),
        x.shape,
      )
    : x
