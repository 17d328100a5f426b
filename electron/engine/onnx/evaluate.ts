import { BOUNDS } from '../bounds/bounds.ts'
import { arrayElements, broadcastPlace } from './evaluate-arrays.ts'
import type { Node, Shape } from './graph.ts'
import { elements, type Tensor, type TensorType, wholeNumber } from './tensor.ts'

/** Constants up to this size may be larger than the constants that they are computed from: broadcast weights. */
const SMALL = 2 ** 16

const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
}
const unary: Readonly<Record<string, (a: number) => number>> = {
  Sqrt: Math.sqrt,
  Neg: a => -a,
  Abs: Math.abs,
  Reciprocal: a => 1 / a,
  Exp: Math.exp,
  Log: Math.log,
  Tanh: Math.tanh,
  Sin: Math.sin,
  Cos: Math.cos,
  Sigmoid: a => 1 / (1 + Math.exp(-a)),
  Relu: a => Math.max(0, a),
  Floor: Math.floor,
  Ceil: Math.ceil,
}
/** Operators that change the shape only, not the elements. */
const relabel = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity'])
/** Operators that move elements, of any type. */
const MOVING = new Set(['Transpose', 'Slice', 'Gather', 'Concat', 'Expand'])

const isInteger = (type: TensorType): boolean => !type.startsWith('float')

/**
 * The result of a node on constants: exporters compute on weights in the graph, independently of the image.
 * Sums and products are rounded once, as in single precision.
 * @param type,shape of the result, as inferred
 * @returns undefined for operators that are left to the runtime
 */
export function evaluate(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  type: TensorType,
  shape: Shape,
): Tensor | undefined {
  const [a, b] = inputs
  if (!shape.every(dim => typeof dim === 'number') || !a) return undefined
  // Larger ones are left to the runtime: a folded broadcast could be larger than the model.
  const size = elements(shape)
  const given = Math.max(...inputs.map(input => input?.data.length ?? 0))
  if (size > BOUNDS.constantElements || size > Math.max(SMALL, 2 * given)) return undefined
  if (relabel.has(node.op)) return { ...a, dims: shape }
  if (node.op === 'Cast') return filled(type, shape, at => Number(a.data[at]))
  if (isInteger(type) && !MOVING.has(node.op)) return undefined
  const element = arrayElements(node, inputs, shape)
  if (element) return filled(type, shape, element)
  const one = unary[node.op]
  if (one) return filled(type, shape, at => one(Number(a.data[at])))
  const two = binary[node.op]
  if (!two || !b || inputs.length > 2) return undefined
  const [left, right] = [a, b].map(operand => broadcastPlace(operand.dims, shape))
  return filled(type, shape, at => two(Number(a.data[left!(at)]), Number(b.data[right!(at)])))
}

function filled(type: TensorType, dims: readonly number[], value: (at: number) => number): Tensor | undefined {
  const values = { length: elements(dims) }
  const each = (_: unknown, at: number) => value(at)
  switch (type) {
    case 'float32':
      return { type, dims, data: Float32Array.from(values, each) }
    case 'float64':
      return { type, dims, data: Float64Array.from(values, each) }
    case 'int32':
      return { type, dims, data: Int32Array.from(values, each) }
    case 'int64':
      return { type, dims, data: BigInt64Array.from(values, (_, at) => wholeNumber(value(at))) }
    case 'bool':
      return { type, dims, data: Uint8Array.from(values, (_, at) => (value(at) === 0 ? 0 : 1)) }
    default:
      return undefined
  }
}
