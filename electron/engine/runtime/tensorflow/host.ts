import { attribute, axisOf } from '../../onnx/graph.ts'
import { elements } from '../../onnx/tensor.ts'
import { intOf, type Operator, type Operators } from './operator.ts'
import { type Host, host, integers, type Value } from './value.ts'

/** Operators on values that stay in JavaScript: arithmetic of lengths and indices, a few numbers each. */

const inputsOf = (inputs: readonly (Value | undefined)[]): Host[] => inputs.filter(input => input?.kind === 'host')

const broadcast = (shapes: readonly (readonly number[])[]): number[] => {
  const rank = Math.max(...shapes.map(shape => shape.length))
  return Array.from({ length: rank }, (_, i) => {
    const lengths = shapes.map(shape => shape[i - rank + shape.length] ?? 1)
    return lengths.find(length => length !== 1) ?? 1
  })
}

/** For each element of a broadcast result, the index of the element of x. */
function places(x: Host, dims: readonly number[]): (at: number) => number {
  if (elements(x.dims) === 1) return () => 0
  const own = [...new Array<number>(dims.length - x.dims.length).fill(1), ...x.dims]
  const strides = own.map((length, axis) => (length === 1 ? 0 : elements(own.slice(axis + 1))))
  return at => {
    let [place, rest] = [0, at]
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place += (rest % dims[axis]!) * strides[axis]!
      rest = Math.floor(rest / dims[axis]!)
    }
    return place
  }
}

const mapped =
  (f: (...numbers: number[]) => number, type?: Host['type']): Operator =>
  given => {
    const inputs = inputsOf(given)
    const dims = broadcast(inputs.map(x => x.dims))
    const at = inputs.map(x => places(x, dims))
    const data = Float64Array.from({ length: elements(dims) }, (_, i) => f(...inputs.map((x, k) => x.data[at[k]!(i)]!)))
    return [host(type ?? inputs.at(-1)!.type, dims, data)]
  }

const relabelled = (x: Host, dims: readonly number[]): Host => host(x.type, dims, x.data)

/** Elements of x along one axis, by their indices. */
function picked(x: Host, axis: number, indices: readonly number[]): Host {
  const inner = elements(x.dims.slice(axis + 1))
  const outer = elements(x.dims.slice(0, axis))
  const data = new Float64Array(outer * indices.length * inner)
  let at = 0
  for (let o = 0; o < outer; o++)
    for (const index of indices)
      for (let i = 0; i < inner; i++) data[at++] = x.data[(o * x.dims[axis]! + index) * inner + i]!
  return host(x.type, x.dims.with(axis, indices.length), data)
}

export const hostOperators: Operators = {
  Identity: ([x]) => [x!],
  Add: mapped((a, b) => a! + b!),
  Sub: mapped((a, b) => a! - b!),
  Mul: mapped((a, b) => a! * b!),
  // Integer division rounds towards zero.
  Div: mapped((a, b) => Math.trunc(a! / b!)),
  Max: mapped((...x) => Math.max(...x)),
  Min: mapped((...x) => Math.min(...x)),
  Neg: mapped(a => -a!),
  Abs: mapped(a => Math.abs(a!)),
  Equal: mapped((a, b) => Number(a === b), 'bool'),
  Less: mapped((a, b) => Number(a! < b!), 'bool'),
  Greater: mapped((a, b) => Number(a! > b!), 'bool'),
  And: mapped((a, b) => Number(a! && b!), 'bool'),
  Or: mapped((a, b) => Number(a! || b!), 'bool'),
  Not: mapped(a => Number(!a), 'bool'),
  Where: mapped((condition, a, b) => (condition ? a! : b!)),
  ReduceProd: (inputs, node) => {
    const [x] = inputsOf(inputs)
    const data = [Array.from(x!.data).reduce((product, value) => product * value, 1)]
    return [integers(data, intOf(node, 'keepdims', 1) ? [1] : [])]
  },
  Concat: (inputs, node) => {
    const parts = inputsOf(inputs)
    if (parts.some(part => part.dims.length !== 1)) throw new Error(`${node.name}: only lists can be concatenated here`)
    return [integers(parts.flatMap(part => Array.from(part.data)))]
  },
  Slice: inputs => {
    const [x, starts, ends, axes, steps] = inputsOf(inputs)
    let out = x!
    for (const [i, start] of Array.from(starts!.data).entries()) {
      const axis = axisOf(axes?.data[i] ?? i, out.dims.length)
      out = picked(out, axis, indicesOf(out.dims[axis]!, start, ends!.data[i]!, steps?.data[i] ?? 1))
    }
    return [out]
  },
  Gather: (inputs, node) => {
    const [x, indices] = inputsOf(inputs)
    const axis = axisOf(intOf(node, 'axis', 0), x!.dims.length)
    const length = x!.dims[axis]!
    const out = picked(
      x!,
      axis,
      Array.from(indices!.data, index => axisOf(index, length)),
    )
    return [relabelled(out, [...x!.dims.slice(0, axis), ...indices!.dims, ...x!.dims.slice(axis + 1)])]
  },
  Expand: inputs => {
    const [x, shape] = inputsOf(inputs)
    const dims = broadcast([x!.dims, Array.from(shape!.data)])
    const at = places(x!, dims)
    return [
      host(
        x!.type,
        dims,
        Float64Array.from({ length: elements(dims) }, (_, i) => x!.data[at(i)]!),
      ),
    ]
  },
  Transpose: (inputs, node) => {
    const [x] = inputsOf(inputs)
    const perm = attribute(node, 'perm', 'ints') ?? x!.dims.map((_, axis) => x!.dims.length - 1 - axis)
    const dims = perm.map(axis => x!.dims[axis]!)
    const strides = perm.map(axis => elements(x!.dims.slice(axis + 1)))
    const data = Float64Array.from({ length: elements(dims) }, (_, i) => {
      let [place, rest] = [0, i]
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        place += (rest % dims[axis]!) * strides[axis]!
        rest = Math.floor(rest / dims[axis]!)
      }
      return x!.data[place]!
    })
    return [host(x!.type, dims, data)]
  },
}

/** The indices of a slice along an axis. */
export function indicesOf(length: number, start: number, end: number, step: number): number[] {
  const clamp = (index: number, low: number, high: number) =>
    Math.min(Math.max(index < 0 ? index + length : index, low), high)
  const [from, to] =
    step > 0 ? [clamp(start, 0, length), clamp(end, 0, length)] : [clamp(start, 0, length - 1), clamp(end, -1, length)]
  return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step)
}

export { broadcast as broadcastDims }
