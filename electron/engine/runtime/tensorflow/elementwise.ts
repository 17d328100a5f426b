import * as tf from '@tensorflow/tfjs-core'
import { attribute, type Node } from '../../onnx/graph.ts'
import { anyLast, deviceAt, floatOf, intOf, type Operator, type Operators } from './operator.ts'
import { Device, host, uploaded, type Value } from './value.ts'

type Unary = (x: tf.Tensor, float: (name: string, otherwise: number) => number) => tf.Tensor

const clipped = (x: tf.Tensor, alpha: number, beta: number): tf.Tensor =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1)

const unary: Readonly<Record<string, Unary>> = {
  Identity: x => x,
  Dropout: x => x,
  Neg: tf.neg,
  Sqrt: tf.sqrt,
  Exp: tf.exp,
  Log: tf.log,
  Abs: tf.abs,
  Sign: tf.sign,
  Reciprocal: tf.reciprocal,
  Sin: tf.sin,
  Cos: tf.cos,
  Erf: tf.erf,
  Floor: tf.floor,
  Ceil: tf.ceil,
  Round: tf.round,
  IsNaN: tf.isNaN,
  Not: tf.logicalNot,
  Sigmoid: tf.sigmoid,
  Tanh: tf.tanh,
  Softplus: tf.softplus,
  Softsign: x => tf.div(x, tf.add(tf.abs(x), 1)),
  Relu: tf.relu,
  LeakyRelu: (x, float) => tf.leakyRelu(x, float('alpha', 0.01)),
  Elu: (x, float) => negative(x, tf.mul(tf.sub(tf.exp(x), 1), float('alpha', 1))),
  Selu: (x, float) =>
    tf.mul(
      negative(x, tf.mul(tf.sub(tf.exp(x), 1), float('alpha', 1.6732632423543772))),
      float('gamma', 1.0507009873554805),
    ),
  HardSigmoid: (x, float) => clipped(x, float('alpha', 0.2), float('beta', 0.5)),
  HardSwish: x => tf.mul(x, clipped(x, 1 / 6, 0.5)),
}

/** x where it is not below 0, y elsewhere. */
const negative = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.where(tf.less(x, 0), y, x)

/** Elementwise operators of several values that broadcast. A missing operand is undefined. */
const several: Readonly<Record<string, (...x: tf.Tensor[]) => tf.Tensor>> = {
  Add: tf.add,
  Sub: tf.sub,
  Mul: tf.mul,
  Div: tf.div,
  Pow: tf.pow,
  Sum: (...x) => x.reduce((sum, value) => tf.add(sum, value)),
  Max: (...x) => x.reduce((max, value) => tf.maximum(max, value)),
  Min: (...x) => x.reduce((min, value) => tf.minimum(min, value)),
  Equal: tf.equal,
  Greater: tf.greater,
  Less: tf.less,
  GreaterOrEqual: tf.greaterEqual,
  LessOrEqual: tf.lessEqual,
  And: tf.logicalAnd,
  Or: tf.logicalOr,
  Xor: tf.logicalXor,
  PRelu: (x, slope) => negative(x!, tf.mul(slope!, x!)),
  Where: (condition, a, b) => tf.where(condition!, a!, b!),
}

/** Operands in one order of axes, that of operands which exist in only one order. */
function aligned(values: readonly Device[], f: (...x: tf.Tensor[]) => tf.Tensor): Device {
  if (!anyLast(values) || values.some(({ dims }) => dims.length > 4))
    return Device.first(f(...values.map(x => x.first)))
  return Device.last(f(...values.map(lastOf)))
}

/** A value with channels last; fewer axes are the last ones of four, as broadcasting reads them. */
function lastOf(value: Device): tf.Tensor {
  if (value.dims.length === 4) return value.last
  if (value.dims.length === 0) return value.first
  const [n, c, h, w] = [...new Array<number>(4 - value.dims.length).fill(1), ...value.dims]
  return tf.transpose(tf.reshape(value.first, [n!, c!, h!, w!]), [0, 2, 3, 1])
}

const applied: Operators = Object.fromEntries([
  ...Object.entries(unary).map(([op, f]): [string, Operator] => [
    op,
    (inputs, node) => {
      const x = deviceAt(inputs, 0, node)
      const float = (name: string, otherwise: number) => floatOf(node, name, otherwise)
      return [x.isLast ? Device.last(f(x.last, float)) : Device.first(f(x.first, float))]
    },
  ]),
  ...Object.entries(several).map(([op, f]): [string, Operator] => [
    op,
    inputs => {
      const dtypes = inputs.map((x): 'float32' | 'bool' =>
        x?.kind === 'host' && x.type === 'bool' ? 'bool' : 'float32',
      )
      const temporary: Device[] = []
      const devices = inputs.flatMap((x, i) => {
        if (x === undefined) return []
        const device = uploaded(x, dtypes[i]!)
        if (device !== x) temporary.push(device)
        return [device]
      })
      const result = aligned(devices, f)
      for (const each of temporary) each.dispose()
      return [result]
    },
  ]),
])

/** ONNX's codes of element types. */
const BOOL = 9
const INTEGERS = new Set([2, 3, 6, 7])

export const elementwise: Operators = {
  ...applied,
  Clip: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    const clip = (tensor: tf.Tensor): tf.Tensor => {
      const low = inputs[1] ? tf.maximum(tensor, bound(inputs[1])) : tensor
      return inputs[2] ? tf.minimum(low, bound(inputs[2])) : low
    }
    return [x.isLast ? Device.last(clip(x.last)) : Device.first(clip(x.first))]
  },
  IsInf: (inputs, node) => {
    const x = deviceAt(inputs, 0, node)
    return [x.isLast ? Device.last(infinite(x.last, node)) : Device.first(infinite(x.first, node))]
  },
  Cast: ([x], node) => {
    const to = attribute(node, 'to', 'int', 1)
    if (x!.kind === 'host') {
      if (to === BOOL)
        return [
          host(
            'bool',
            x!.dims,
            Uint8Array.from(x!.data, value => Number(value !== 0)),
          ),
        ]
      return [INTEGERS.has(to) ? host('int64', x!.dims, x!.data) : uploaded(x!, 'float32')]
    }
    const dtype = to === BOOL ? 'bool' : INTEGERS.has(to) ? 'int32' : 'float32'
    const cast = (tensor: tf.Tensor) => tf.cast(tensor, dtype)
    return [x!.isLast ? Device.last(cast(x!.last)) : Device.first(cast(x!.first))]
  },
}

/** Whether x is infinite, with the signs in the node's attributes. */
function infinite(x: tf.Tensor, node: Node): tf.Tensor {
  const signed = (name: string, sign: number): tf.Tensor[] =>
    intOf(node, name, 1) ? [tf.greater(tf.mul(x, sign), 0)] : []
  const signs = [...signed('detect_positive', 1), ...signed('detect_negative', -1)]
  const either = signs.reduce<tf.Tensor>((any, sign) => tf.logicalOr(any, sign), tf.zeros(x.shape, 'bool'))
  return tf.logicalAnd(tf.isInf(x), either)
}

/** A scalar, on the host or the device. */
const bound = (value: Value): tf.Tensor | number => (value.kind === 'host' ? value.data[0]! : value.first)
