import { attribute, axisOf, type Node } from './graph.ts'
import { weightsOf } from './resampling.ts'
import { slicePlaces } from './small-arrays.ts'
import { elements, integers, type Tensor } from './tensor.ts'

/** Results of operators on constants that are more than a function of each element. */

/** The value of an element of a result by its place; undefined: the operator is left to the runtime. */
export type Elements = ((at: number) => number) | undefined

type Inputs = readonly (Tensor | undefined)[]

const strides = (dims: readonly number[]): readonly number[] => dims.map((_, axis) => elements(dims.slice(axis + 1)))

/** The place in an operand of an element of a result, by the axes of the result: start and step of each. */
function stepped(shape: readonly number[], first: number, steps: readonly number[]): (at: number) => number {
  return at => {
    let place = first
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (at % shape[axis]!) * steps[axis]!
      at = Math.floor(at / shape[axis]!)
    }
    return place
  }
}

/** The place in an operand of an element of a result that it is broadcast to. */
export function broadcastPlace(dims: readonly number[], shape: readonly number[]): (at: number) => number {
  const lead = shape.length - dims.length
  const own = strides(dims)
  return stepped(
    shape,
    0,
    shape.map((_, axis) => (axis < lead || dims[axis - lead] === 1 ? 0 : own[axis - lead]!)),
  )
}

const transposed = (node: Node, x: Tensor, shape: readonly number[]): Elements => {
  const perm = attribute(node, 'perm', 'ints') ?? [...x.dims.keys()].reverse()
  const own = strides(x.dims)
  const place = stepped(
    shape,
    0,
    perm.map(axis => own[axis]!),
  )
  return at => Number(x.data[place(at)])
}

function sliced([x, starts, ends, axesInput, stepsInput]: Inputs, shape: readonly number[]): Elements {
  if (!x || !starts || !ends) return undefined
  const [from, to] = [integers(starts), integers(ends)]
  const axes = axesInput ? integers(axesInput) : from.map((_, axis) => axis)
  const by = stepsInput ? integers(stepsInput) : from.map(() => 1)
  const own = strides(x.dims)
  const steps = [...own]
  let first = 0
  for (const [i, each] of axes.entries()) {
    const axis = axisOf(each, x.dims.length)
    first += (slicePlaces(x.dims[axis]!, from[i]!, to[i]!, by[i]!)[0] ?? 0) * own[axis]!
    steps[axis] = own[axis]! * by[i]!
  }
  const place = stepped(shape, first, steps)
  return at => Number(x.data[place(at)])
}

function gathered(node: Node, [x, indices]: Inputs): Elements {
  if (!x || !indices) return undefined
  const axis = axisOf(attribute(node, 'axis', 'int', 0), x.dims.length)
  const length = x.dims[axis]!
  const picks = integers(indices).map(index => axisOf(index, length))
  const inner = elements(x.dims.slice(axis + 1))
  return at => {
    const row = Math.floor(at / inner)
    const pick = picks[row % picks.length]!
    return Number(x.data[(Math.floor(row / picks.length) * length + pick) * inner + (at % inner)])
  }
}

function joined(node: Node, inputs: Inputs): Elements {
  const parts = inputs.filter(input => input !== undefined)
  const axis = axisOf(attribute(node, 'axis', 'int', 1), parts[0]!.dims.length)
  const rows = parts.map(({ dims }) => elements(dims.slice(axis)))
  const row = rows.reduce((sum, length) => sum + length, 0)
  return at => {
    let rest = at % row
    let part = 0
    while (rest >= rows[part]!) rest -= rows[part++]!
    return Number(parts[part]!.data[Math.floor(at / row) * rows[part]! + rest])
  }
}

/** How a reduction begins, and takes the next element. */
const REDUCTIONS: Readonly<Record<string, readonly [first: number, next: (sum: number, x: number) => number]>> = {
  ReduceSum: [0, (sum, x) => sum + x],
  ReduceMean: [0, (sum, x) => sum + x],
  ReduceProd: [1, (product, x) => product * x],
  ReduceMax: [Number.NEGATIVE_INFINITY, (most, x) => (x > most || Number.isNaN(x) ? x : most)],
  ReduceMin: [Number.POSITIVE_INFINITY, (least, x) => (x < least || Number.isNaN(x) ? x : least)],
}

function reduced(node: Node, [x, axesInput]: Inputs): Elements {
  const [first, next] = REDUCTIONS[node.op]!
  if (!x) return undefined
  const rank = x.dims.length
  const given = axesInput ? integers(axesInput) : attribute(node, 'axes', 'ints', [])
  const none = attribute(node, 'noop_with_empty_axes', 'int', 0) === 1
  const axes = given.length || none ? given.map(axis => axisOf(axis, rank)) : [...x.dims.keys()]
  const kept = x.dims.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const place = broadcastPlace(kept, x.dims)
  const results = new Float64Array(elements(kept)).fill(first)
  for (let at = 0; at < x.data.length; at++) results[place(at)] = next(results[place(at)]!, Number(x.data[at]))
  const count = node.op === 'ReduceMean' ? x.data.length / results.length : 1
  return at => results[at]! / count
}

/** Products that take longer are left to the runtime. */
const MOST_PRODUCTS = 2 ** 26

/** Matrices in the last two axes, in batches that broadcast; a vector is a row on the left, and a column on the right. */
function product([a, b]: Inputs, shape: readonly number[]): Elements {
  if (!a || !b) return undefined
  const rowsOf = a.dims.length > 1 ? a.dims : [1, ...a.dims]
  const columnsOf = b.dims.length > 1 ? b.dims : [...b.dims, 1]
  const [rows, inner, columns] = [rowsOf.at(-2)!, rowsOf.at(-1)!, columnsOf.at(-1)!]
  if (elements(shape) * inner > MOST_PRODUCTS) return undefined
  const batch = shape.slice(0, Math.max(rowsOf.length, columnsOf.length) - 2)
  const [left, right] = [rowsOf, columnsOf].map(dims => broadcastPlace(dims.slice(0, -2), batch))
  return at => {
    const of = Math.floor(at / (rows * columns))
    const row = (left!(of) * rows + (Math.floor(at / columns) % rows)) * inner
    const column = right!(of) * inner * columns + (at % columns)
    let sum = 0
    for (let k = 0; k < inner; k++) sum += Number(a.data[row + k]) * Number(b.data[column + k * columns])
    return sum
  }
}

/** Axis by axis, in double precision. */
function resized(node: Node, [x, , scales]: Inputs, shape: readonly number[]): Elements {
  if (!x) return undefined
  let [dims, data] = [[...x.dims], Float64Array.from<number | bigint>(x.data, Number)]
  for (const [axis, to] of shape.entries()) {
    const from = dims[axis]!
    const scale = scales ? Number(scales.data[axis]) : undefined
    if ((scale ?? 1) === 1 && from === to) continue
    const weights = weightsOf(node, from, to, scale)
    const inner = elements(dims.slice(axis + 1))
    const before = data
    dims = dims.with(axis, to)
    data = Float64Array.from({ length: elements(dims) }, (_, at) => {
      const row = Math.floor(at / inner) % to
      const first = Math.floor(at / (inner * to)) * from * inner + (at % inner)
      let sum = 0
      for (let k = 0; k < from; k++) sum += weights[row * from + k]! * before[first + k * inner]!
      return sum
    })
  }
  return at => data[at]!
}

/** The elements of a node's result, where its inputs are constants. */
export function arrayElements(node: Node, inputs: Inputs, shape: readonly number[]): Elements {
  if (node.op === 'Transpose') return inputs[0] && transposed(node, inputs[0], shape)
  if (node.op === 'Slice') return sliced(inputs, shape)
  if (node.op === 'Gather') return gathered(node, inputs)
  if (node.op === 'Concat') return joined(node, inputs)
  if (node.op === 'MatMul') return product(inputs, shape)
  if (node.op === 'Resize') return resized(node, inputs, shape)
  if (node.op === 'Expand') {
    const [x] = inputs
    const place = x && broadcastPlace(x.dims, shape)
    return place && (at => Number(x.data[place(at)]))
  }
  return Object.hasOwn(REDUCTIONS, node.op) ? reduced(node, inputs) : undefined
}
