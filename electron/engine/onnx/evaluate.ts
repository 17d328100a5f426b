import { BOUNDS } from '../bounds/bounds.ts'
import { attribute, type Node, type Shape } from './graph.ts'
import { elements, type Tensor, type TensorType } from './tensor.ts'

/** Constants up to this size may be larger than the constants that they are computed from: broadcast weights. */
const SMALL = 2 ** 16

const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
}
const unary: Readonly<Record<string, (a: number) => number>> = {
  Sqrt: Math.sqrt,
  Neg: a => -a,
  Abs: Math.abs,
  Reciprocal: a => 1 / a,
}
/** Operators that change the shape only, not the elements. */
const relabel = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity'])

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
  if (node.op === 'Transpose') return transposed(a, shape, attribute(node, 'perm', 'ints'))
  if (type !== 'float32' && type !== 'float64') return undefined
  const one = unary[node.op]
  if (one) return filled(type, shape, at => one(Number(a.data[at])))
  const two = binary[node.op]
  if (!two || !b) return undefined
  const [left, right] = [a, b].map(operand => broadcastIndex(operand.dims, shape))
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
      return { type, dims, data: BigInt64Array.from(values, (_, at) => BigInt(Math.trunc(value(at)))) }
    case 'bool':
      return { type, dims, data: Uint8Array.from(values, (_, at) => (value(at) === 0 ? 0 : 1)) }
    default:
      return undefined
  }
}

/** The index in an operand of element `at` of a result that it is broadcast to. */
function broadcastIndex(dims: readonly number[], shape: readonly number[]): (at: number) => number {
  const lead = shape.length - dims.length
  const strides = shape.map((_, axis) =>
    axis < lead || dims[axis - lead] === 1 ? 0 : elements(dims.slice(axis - lead + 1)),
  )
  return at => {
    let index = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += (at % shape[axis]!) * strides[axis]!
      at = Math.floor(at / shape[axis]!)
    }
    return index
  }
}

function transposed(x: Tensor, shape: readonly number[], perm = [...x.dims.keys()].reverse() as readonly number[]) {
  const strides = perm.map(axis => elements(x.dims.slice(axis + 1)))
  return filled(x.type, shape, at => {
    let index = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += (at % shape[axis]!) * strides[axis]!
      at = Math.floor(at / shape[axis]!)
    }
    return Number(x.data[index])
  })
}
