import type { Dims } from './dims.ts'
import { elementType } from './elements.ts'
import { attribute, axisOf, type Dim, type Shape } from './graph.ts'
import { contentRules, numbersOf, shapeSpan } from './shape-content.ts'
import { windowRules } from './shape-windows.ts'
import type { ShapeContext, ShapeRule, ShapeRules } from './shapes.ts'
import { slicePlaces } from './small-arrays.ts'
import type { TensorType } from './tensor.ts'

const fail = (why: string): never => {
  throw new Error(why)
}

/** An axis counted from the beginning. */
const positive = (axis: number, rank: number): number =>
  axis >= -rank && axis < Math.max(rank, 1) ? axisOf(axis, rank) : fail(`axis ${axis} does not exist`)

/** The shape of an elementwise result. */
export function broadcast(shapes: readonly Shape[], dims: Dims): Shape {
  const rank = Math.max(...shapes.map(shape => shape.length))
  return Array.from({ length: rank }, (_, axis) =>
    shapes.reduce<Dim>((length, shape) => {
      const dim = shape[axis - rank + shape.length] ?? 1
      return dims.broadcast(length, dim) ?? fail(`${length} and ${dim} do not broadcast`)
    }, 1),
  )
}

const same: ShapeRule = ([x]) => [{ type: x!.type, shape: x!.shape }]
const elementwise =
  (type?: TensorType): ShapeRule =>
  (inputs, { dims }) => [
    {
      type: type ?? inputs[0]!.type,
      shape: broadcast(
        inputs.flatMap(input => (input ? [input.shape] : [])),
        dims,
      ),
    },
  ]

const reduce =
  (type?: TensorType): ShapeRule =>
  ([x, axesInput], { node }) => {
    const keep = attribute(node, 'keepdims', 'int', 1) === 1
    const rank = x!.shape.length
    const list = axesInput ? numbersOf(axesInput) : attribute(node, 'axes', 'ints', [])
    if (!list) return undefined
    if (list.length === 0 && attribute(node, 'noop_with_empty_axes', 'int', 0) === 1) return [x!]
    const axes = new Set(list.length ? list.map(axis => positive(axis, rank)) : x!.shape.keys())
    const shape = x!.shape.flatMap((dim, axis) => (axes.has(axis) ? (keep ? [1] : []) : [dim]))
    return [{ type: type ?? x!.type, shape }]
  }

const arg: ShapeRule = ([x], { node }) => {
  const axis = positive(attribute(node, 'axis', 'int', 0), x!.shape.length)
  const keep = attribute(node, 'keepdims', 'int', 1) === 1
  return [{ type: 'int64', shape: x!.shape.flatMap((dim, at) => (at === axis ? (keep ? [1] : []) : [dim])) }]
}

const concat: ShapeRule = (inputs, { node, dims }) => {
  const shapes = inputs.map(input => input!.shape)
  const rank = shapes[0]!.length
  const axis = positive(attribute(node, 'axis', 'int', 1), rank)
  const shape = shapes.reduce((all, next) =>
    next.length === rank
      ? all.map((dim, at) => {
          if (at === axis) return dims.plus(dim, next[at]!)
          const other = next[at]!
          if (typeof dim === 'number' && typeof other === 'number' && dim !== other) fail('lengths differ')
          return typeof dim === 'number' ? dim : other
        })
      : fail('ranks differ'),
  )
  return [{ type: inputs[0]!.type, shape }]
}

const split: ShapeRule = ([x, sizesInput], { node, dims }) => {
  const axis = positive(attribute(node, 'axis', 'int', 0), x!.shape.length)
  const count = node.outputs.length
  const length = x!.shape[axis]!
  const sizes = sizesInput ? sizesInput.content : node.outputs.map((_, index) => equalPart(length, count, index, dims))
  return sizes?.map(size => ({ type: x!.type, shape: x!.shape.with(axis, size) }))
}

/** Equal parts, the last one smaller where the length is not divisible. */
function equalPart(length: Dim, count: number, index: number, dims: Dims): Dim {
  if (typeof length === 'string') return dims.quotient([length], [count])
  const part = Math.ceil(length / count)
  return Math.max(0, Math.min(part, length - part * index))
}

const slice: ShapeRule = ([x, startsInput, endsInput, axesInput, stepsInput], { dims }) => {
  const rank = x!.shape.length
  const starts = startsInput?.content
  const ends = endsInput?.content
  const axes = axesInput ? numbersOf(axesInput) : starts?.map((_, axis) => axis)
  if (!axes) return undefined
  const steps = stepsInput ? numbersOf(stepsInput) : axes.map(() => 1)
  const shape = [...x!.shape]
  for (const [index, each] of axes.entries()) {
    const axis = positive(each, rank)
    const [start, end, step] = [starts?.[index], ends?.[index], steps?.[index]]
    shape[axis] =
      start === undefined || end === undefined || step === undefined
        ? dims.fresh()
        : sliced(shape[axis]!, start, end, step, dims)
  }
  return [{ type: x!.type, shape }]
}

/** Ends from this value on mean "to the end". */
const ENDLESS = 2 ** 31 - 1

/** The number of elements of a slice. With an unknown length, the slice is assumed to be inside. */
export function sliced(length: Dim, start: Dim, end: Dim, step: number, dims: Dims): Dim {
  if (typeof length === 'number' && typeof start === 'number' && typeof end === 'number') {
    return slicePlaces(length, start, end, step).length
  }
  const named = () => dims.named(`slice ${length} ${start} ${end} ${step}`)
  if (step < 0) {
    const complete =
      typeof start === 'number' && typeof end === 'number' && (start === -1 || start >= ENDLESS) && end <= -ENDLESS
    return complete ? dims.windows(length, -1, -step) : named()
  }
  const at = (position: Dim): Dim | undefined => {
    if (typeof position === 'string') return position
    if (position < 0) return dims.plus(length, position)
    return position >= ENDLESS ? length : position
  }
  const [from, to] = [at(start), at(end)]
  if (from === undefined || to === undefined) return named()
  // A positive end, or one that the graph computes, may be beyond the length: then it is unknown which of the two
  // limits the slice.
  const safe = to === length || (typeof end === 'number' && end < 0)
  if (!safe && typeof length === 'string') return named()
  const taken = dims.minus(to, from)
  return step === 1 ? taken : dims.windows(taken, -1, step)
}

const pad: ShapeRule = ([x, padsInput], { dims }) => {
  const rank = x!.shape.length
  const pads = padsInput?.content
  const shape = x!.shape.map((dim, axis) =>
    pads ? dims.plus(dims.plus(dim, pads[axis]!), pads[axis + rank]!) : dims.fresh(),
  )
  return [{ type: x!.type, shape }]
}

const unsqueeze: ShapeRule = ([x, axesInput]) => {
  const axes = numbersOf(axesInput)
  if (!axes) return undefined
  const rank = x!.shape.length + axes.length
  const added = new Set(axes.map(axis => positive(axis, rank)))
  const rest = x!.shape.values()
  return [
    { type: x!.type, shape: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.next().value!)) },
  ]
}

const squeeze: ShapeRule = ([x, axesInput]) => {
  const axes = axesInput ? numbersOf(axesInput) : x!.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []))
  if (!axes) return undefined
  const removed = new Set(axes.map(axis => positive(axis, x!.shape.length)))
  return [{ type: x!.type, shape: x!.shape.filter((_, axis) => !removed.has(axis)) }]
}

const reshape: ShapeRule = ([x, target], { node, dims }) => {
  const rank = target!.shape[0]
  if (typeof rank !== 'number') return undefined
  if (!target!.content) return [{ type: x!.type, shape: Array.from({ length: rank }, () => dims.fresh()) }]
  const copies = attribute(node, 'allowzero', 'int', 0) === 0
  const shape = target!.content.map((dim, axis) =>
    dim === 0 && copies ? (x!.shape[axis] ?? fail('no such axis')) : dim,
  )
  const open = shape.indexOf(-1)
  if (open >= 0) shape[open] = dims.quotient(x!.shape, shape.toSpliced(open, 1))
  const [before, after] = [dims.product(x!.shape), dims.product(shape)]
  if (typeof before === 'number' && typeof after === 'number' && before !== after)
    fail(`${before} elements do not fill [${shape.join(', ')}]`)
  return [{ type: x!.type, shape }]
}

const flatten: ShapeRule = ([x], { node, dims }) => {
  const rank = x!.shape.length
  const at = axisOf(attribute(node, 'axis', 'int', 1), rank)
  return [{ type: x!.type, shape: [dims.product(x!.shape.slice(0, at)), dims.product(x!.shape.slice(at))] }]
}

const transpose: ShapeRule = ([x], { node }) => {
  const perm = attribute(node, 'perm', 'ints') ?? [...x!.shape.keys()].reverse()
  return [{ type: x!.type, shape: perm.map(axis => x!.shape[axis] ?? fail(`axis ${axis} does not exist`)) }]
}

const expand: ShapeRule = ([x, target], { dims }) => {
  const rank = target!.shape[0]
  if (typeof rank !== 'number') return undefined
  const requested = target!.content ?? Array.from({ length: rank }, () => dims.fresh())
  return [{ type: x!.type, shape: broadcast([x!.shape, requested], dims) }]
}

const tile: ShapeRule = ([x, repeats], { dims }) => [
  { type: x!.type, shape: x!.shape.map((dim, axis) => dims.times(dim, repeats!.content?.[axis] ?? dims.fresh())) },
]

const gather: ShapeRule = ([x, indices], { node }) => {
  const axis = positive(attribute(node, 'axis', 'int', 0), x!.shape.length)
  return [{ type: x!.type, shape: x!.shape.toSpliced(axis, 1, ...indices!.shape) }]
}

const gemm: ShapeRule = ([a, b], { node, dims }) => {
  const [transA, transB] = [attribute(node, 'transA', 'int', 0), attribute(node, 'transB', 'int', 0)]
  const [rows, inner] = transA ? a!.shape.toReversed() : a!.shape
  const [other, columns] = transB ? b!.shape.toReversed() : b!.shape
  if (a!.shape.length !== 2 || b!.shape.length !== 2 || !agree(inner!, other!, dims)) fail('not two matrices that fit')
  return [{ type: a!.type, shape: [rows!, columns!] }]
}

const agree = (a: Dim, b: Dim, dims: Dims): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a === b : dims.broadcast(a, b) !== undefined

const matmul: ShapeRule = ([a, b], { dims }) => {
  const left = a!.shape.length === 1 ? [1, ...a!.shape] : a!.shape
  const right = b!.shape.length === 1 ? [...b!.shape, 1] : b!.shape
  if (left.length < 2 || right.length < 2 || !agree(left.at(-1)!, right.at(-2)!, dims))
    fail('not two matrices that fit')
  const shape = [...broadcast([left.slice(0, -2), right.slice(0, -2)], dims)]
  if (a!.shape.length > 1) shape.push(left.at(-2)!)
  if (b!.shape.length > 1) shape.push(right.at(-1)!)
  return [{ type: a!.type, shape }]
}

const cast: ShapeRule = ([x], { node }) => {
  const type = elementType(attribute(node, 'to', 'int', 0))
  return type && [{ type, shape: x!.shape }]
}

const depthToSpace: ShapeRule = ([x], { node, dims }) => {
  const block = attribute(node, 'blocksize', 'int', 1)
  const [n, c, h, w] = x!.shape
  return [
    { type: x!.type, shape: [n!, dims.quotient([c!], [block * block]), dims.times(h!, block), dims.times(w!, block)] },
  ]
}

const spaceToDepth: ShapeRule = ([x], { node, dims }) => {
  const block = attribute(node, 'blocksize', 'int', 1)
  const [n, c, h, w] = x!.shape
  return [
    {
      type: x!.type,
      shape: [n!, dims.times(c!, block * block), dims.quotient([h!], [block]), dims.quotient([w!], [block])],
    },
  ]
}

const constantOfShape: ShapeRule = ([target], { node, dims }) => {
  const rank = target!.shape[0]
  if (typeof rank !== 'number') return undefined
  const shape = target!.content ?? Array.from({ length: rank }, () => dims.fresh())
  return [{ type: attribute(node, 'value', 'tensor')?.type ?? 'float32', shape }]
}

const range: ShapeRule = ([start, limit, delta], { dims }) => {
  const [from, to, step] = [start, limit, delta].map(each => each?.content?.[0])
  if (from === undefined || to === undefined || typeof step !== 'number')
    return [{ type: start!.type, shape: [dims.fresh()] }]
  const span = dims.minus(to, from)
  if (typeof span === 'number') return [{ type: start!.type, shape: [Math.max(0, Math.ceil(span / step))] }]
  return [{ type: start!.type, shape: [step > 0 ? dims.windows(span, -1, step) : dims.fresh()] }]
}

const dropout: ShapeRule = ([x]) => [
  { type: x!.type, shape: x!.shape },
  { type: 'bool', shape: x!.shape },
]

/** One rule for several operators. */
const each = (ops: string, rule: ShapeRule): ShapeRules => Object.fromEntries(ops.split(' ').map(op => [op, rule]))

const shapesOnly: ShapeRules = {
  ...each('Relu LeakyRelu Sigmoid Tanh HardSwish HardSigmoid Elu Selu Celu Softplus Softsign Mish Erf Gelu', same),
  ...each('Exp Log Sqrt Abs Neg Sign Reciprocal Floor Ceil Round Sin Cos Tan Not Clip CumSum Trilu', same),
  ...each('LRN BatchNormalization InstanceNormalization LayerNormalization GroupNormalization', same),
  ...each('Softmax LogSoftmax Hardmax Identity ScatterElements ScatterND ThresholdedRelu', same),
  ...each('Add Sub Mul Div Pow Mod PRelu Sum Max Min Mean And Or Xor', elementwise()),
  ...each('Equal Greater GreaterOrEqual Less LessOrEqual', elementwise('bool')),
  ...each('ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare', reduce()),
  ...each('ReduceLogSum ReduceLogSumExp', reduce()),
  ...each('ArgMax ArgMin', arg),
  ...each('IsNaN IsInf', ([x]) => [{ type: 'bool', shape: x!.shape }]),
  Where: ([condition, a, b], { dims }) => [
    { type: a!.type, shape: broadcast([condition!.shape, a!.shape, b!.shape], dims) },
  ],
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Gather: gather,
  GatherElements: ([x, indices]) => [{ type: x!.type, shape: indices!.shape }],
  Gemm: gemm,
  MatMul: matmul,
  Cast: cast,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  ConstantOfShape: constantOfShape,
  Range: range,
  Dropout: dropout,
  Shape: ([x], { node }) => [{ type: 'int64', shape: [shapeSpan(x!.shape, node).length] }],
  Size: () => [{ type: 'int64', shape: [] }],
  Constant: (_, { node }) => {
    const value = attribute(node, 'value', 'tensor')
    return value && [{ type: value.type, shape: value.dims }]
  },
  ...windowRules,
}

/** Adds the elements of small integer values, where they can be computed. */
const withContent =
  (shape: ShapeRule, op: string): ShapeRule =>
  (inputs, context: ShapeContext) => {
    const outputs = shape(inputs, context)
    const content = outputs && contentRules[op]?.(inputs, outputs, context)
    return content ? outputs.with(0, { ...outputs[0]!, content }) : outputs
  }

/** The rules of the standard ONNX operators, as of operator set 17. */
export const operatorShapes: ShapeRules = Object.fromEntries(
  Object.entries(shapesOnly).map(([op, rule]) => [op, withContent(rule, op)]),
)
