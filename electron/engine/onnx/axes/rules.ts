import { attribute, axesFrom, axisOf, type Dim, type Node, type Shape } from '../graph.ts'
import { numbersOf } from '../shape-content.ts'
import type { Known } from '../shapes.ts'
import { type Axes, type Axis, batchPlace, isBatch, merged, other, reshaped, resized, undivided } from './factors.ts'
import { rotated, taken, tokens } from './parts.ts'

/** The context of a rule: a node that reads values of the images, its inputs and its shapes. */
interface AxesContext {
  readonly node: Node
  /** The name of the batch dimension. */
  readonly batch: string
  /** The axes of each input; undefined where it does not depend on the images. */
  readonly inputs: readonly (Axes | undefined)[]
  readonly known: readonly (Known | undefined)[]
  /** Shapes of the outputs. */
  readonly shapes: readonly Shape[]
}

/**
 * The axes of the first output, or of all outputs where they are the same; undefined where the images are mixed, or
 * their axis cannot be tracked.
 */
type AxesRule = (context: AxesContext) => Axes | undefined

/**
 * The axes that a node works along, from an operand or an attribute; undefined where they are known only at run time.
 */
function axesOf({ node, known }: AxesContext, operand: number): readonly number[] | undefined {
  const rank = known[0]!.shape.length
  const given = known[operand] ? numbersOf(known[operand]) : attribute(node, 'axes', 'ints', [])
  return given?.map(axis => axisOf(axis, rank))
}

/** Whether no input but the first depends on the images. */
const onlyFirstInput = ({ inputs }: AxesContext): boolean => inputs.every((axes, i) => i === 0 || axes === undefined)

/** The axes of operands that broadcast against each other, aligned at the last one. */
function broadcast(operands: readonly { readonly axes: Axes | undefined; readonly shape: Shape }[], shape: Shape) {
  const result: Axis[] = []
  for (const [at, length] of shape.entries()) {
    const lengths = operands.flatMap(operand => {
      const axis = at - shape.length + operand.shape.length
      return axis < 0 ? [] : [{ dim: operand.shape[axis]!, axis: operand.axes?.[axis] }]
    })
    const axis = met(
      lengths.filter(({ dim }) => dim !== 1),
      lengths,
      length,
    )
    if (!axis) return undefined
    result.push(axis)
  }
  return result
}

interface Met {
  readonly dim: Dim
  /** Undefined for a value that does not depend on the images. */
  readonly axis: Axis | undefined
}

function met(long: readonly Met[], all: readonly Met[], length: Dim): Axis | undefined {
  if (long.length === 0) return all.find(({ axis }) => axis?.length)?.axis ?? other(length)
  const carrying = long.flatMap(({ axis }) => (axis && isBatch(axis) ? [axis] : []))
  if (carrying.length > 0) {
    // An axis as long as the batch that does not count images, or the batch in another order.
    if (carrying.length < long.length) return undefined
    const ordered = carrying.filter(axis => !batchPlace([axis])?.uniform)
    const [first, ...others] = ordered.length > 0 ? ordered : carrying
    return others.every(axis => samePlace(axis, first!)) ? first : undefined
  }
  const positions = long.flatMap(({ axis }) => (axis?.some(({ of }) => of !== 'other') ? [axis] : []))
  const [first, ...others] = positions
  if (!first) return other(length)
  return others.every(axis => same(axis, first)) ? first : other(length)
}

/** Whether two axes contain the batch at the same position. */
function samePlace(a: Axis, b: Axis): boolean {
  const [left, right] = [batchPlace([a]), batchPlace([b])]
  return left?.outer !== undefined && left.outer === right?.outer && left.inner === right.inner
}

const same = (a: Axis, b: Axis): boolean =>
  a.length === b.length &&
  a.every((factor, i) => {
    const { of, length, step, first, before, grid } = b[i]!
    const equal = factor.of === of && factor.length === length && factor.step === step && factor.first === first
    return equal && factor.before === before && (grid === undefined || same(factor.grid!, grid))
  })

const elementwise: AxesRule = ({ inputs, known, shapes }) =>
  broadcast(
    inputs.flatMap((axes, i) => (known[i] ? [{ axes, shape: known[i].shape }] : [])),
    shapes[0]!,
  )

/** Acts on each element of the first input, or on elements of one image. */
const kept: AxesRule = context => (onlyFirstInput(context) ? context.inputs[0] : undefined)

/** Combines the elements along some axes: none of these may contain the batch. */
const along =
  (axes: (context: AxesContext) => readonly number[] | undefined): AxesRule =>
  context => {
    const [x] = context.inputs
    const combined = axes(context)
    return x && combined && onlyFirstInput(context) && !combined.some(axis => isBatch(x[axis])) ? x : undefined
  }

const ofAxis =
  (otherwise: number) =>
  ({ node, known }: AxesContext): readonly number[] => [
    axisOf(attribute(node, 'axis', 'int', otherwise), known[0]!.shape.length),
  ]

/** Windows over images [N, C, …]: the lengths of the spatial axes change. */
const window =
  (mixesChannels: boolean): AxesRule =>
  context => {
    const [x] = context.inputs
    const [shape] = context.shapes
    if (!x || !onlyFirstInput(context) || x.some((axis, at) => isBatch(axis) && at > (mixesChannels ? 0 : 1)))
      return undefined
    return x.map((axis, at) =>
      at === 0 ? axis : at === 1 ? (mixesChannels ? other(shape![1]!) : axis) : resized(axis, shape![at]!),
    )
  }

const reduce =
  (reduced: (context: AxesContext) => readonly number[] | undefined): AxesRule =>
  context => {
    const [x] = context.inputs
    const axes = reduced(context)
    if (!x || !axes || !onlyFirstInput(context) || axes.some(axis => isBatch(x[axis]))) return undefined
    const keep = attribute(context.node, 'keepdims', 'int', 1) === 1
    return x.flatMap((axis, at) => (axes.includes(at) ? (keep ? [resized(axis, 1)] : []) : [axis]))
  }

const reduction = reduce(context => {
  const axes = axesOf(context, 1)
  const none = attribute(context.node, 'noop_with_empty_axes', 'int', 0) === 1
  return axes?.length === 0 && !none ? context.known[0]!.shape.map((_, axis) => axis) : axes
})

/** Removes or adds positions along some axes; the other axes are unchanged. */
function cut({ inputs: [x], shapes: [shape] }: AxesContext, axes: readonly number[]): Axes | undefined {
  if (!x || axes.some(axis => isBatch(x[axis]))) return undefined
  return x.map((axis, at) => (axes.includes(at) ? resized(axis, shape![at]!) : axis))
}

const slice: AxesRule = context => {
  const { known, inputs, shapes } = context
  const [x] = inputs
  const starts = known[1]?.shape[0]
  const axes = known[3] ? axesOf(context, 3) : typeof starts === 'number' ? axesFrom(0, starts) : undefined
  if (!x || !axes) return undefined
  const steps = known[4] ? numbersOf(known[4]) : axes.map(() => 1)
  // A slice of all elements of an axis, in order, changes nothing.
  const cutting = axes.filter((axis, i) => shapes[0]![axis] !== known[0]!.shape[axis] || steps?.[i] !== 1)
  // A reversed axis no longer counts positions in order.
  const reversed = axes.filter((_, i) => !((steps?.[i] ?? -1) > 0))
  const from = numbersOf(known[1])
  return cut(context, cutting)?.map((axis, at) => {
    if (reversed.includes(at)) return other(shapes[0]![at]!)
    const i = axes.indexOf(at)
    const whole = known[0]!.shape[at]!
    const start = from?.[i]
    if (!cutting.includes(at) || steps?.[i] !== 1 || start === undefined || typeof whole !== 'number') return axis
    return taken(x[at]!, Math.max(0, start < 0 ? start + whole : start), Number(shapes[0]![at]), axis)
  })
}

const pad: AxesRule = context => {
  const rank = context.known[0]!.shape.length
  const pads = numbersOf(context.known[1])
  const moved = axesFrom(0, rank).filter(axis => {
    const same = context.known[0]!.shape[axis] === context.shapes[0]![axis]
    return pads ? pads[axis] !== 0 || pads[axis + rank] !== 0 : !same || isBatch(context.inputs[0]?.[axis])
  })
  return cut(context, moved)
}

const concat: AxesRule = ({ node, inputs, known, shapes }) => {
  const [shape] = shapes
  const rank = shape!.length
  const at = axisOf(attribute(node, 'axis', 'int', 1), rank)
  const carrying = inputs.map(axes => axes?.[at] && isBatch(axes[at]))
  const free = broadcast(
    inputs.map((axes, i) => ({ axes: axes?.with(at, []), shape: known[i]!.shape.with(at, 1) })),
    shape!.with(at, 1),
  )
  if (!free) return undefined
  if (!carrying.includes(true)) {
    const pieces = inputs.map(axes => axes?.[at])
    const lengths = known.map(each => each!.shape[at]!)
    const whole = rotated(pieces, shape![at]!) ?? tokens(pieces, lengths)
    if (whole) return free.with(at, whole)
    const first = inputs.find(axes => axes)?.[at]
    const inOrder = inputs.every(axes => axes === undefined || (axes[at]?.[0]?.of ?? '') === (first?.[0]?.of ?? ''))
    return free.with(at, inOrder && inputs.every(axes => axes) ? resized(first, shape![at]!) : other(shape![at]!))
  }
  if (inputs.length === 1) return inputs[0]
  // Batches one after the other: their number is a slower factor.
  const batches = inputs.map(axes => axes?.[at] ?? [])
  const places = batches.map(axis => batchPlace([axis]))
  if (places.some(place => typeof place?.outer !== 'number' || place.inner !== places[0]!.inner)) return undefined
  const outer = places.reduce((sum, place) => sum + Number(place!.outer), 0)
  const own = batches[0]!.slice(batches[0]!.findIndex(({ of }) => of === 'batch'))
  return free.with(at, [...other(outer), ...own])
}

/** Rows and columns at other places are rows and columns. */
const resize: AxesRule = context => {
  const from = context.known[0]!.shape
  return cut(
    context,
    axesFrom(0, from.length).filter(axis => context.shapes[0]![axis] !== from[axis]),
  )
}

const split: AxesRule = context => cut({ ...context }, ofAxis(0)(context))

const gather: AxesRule = ({ node, inputs: [x, indices], known }) => {
  const at = axisOf(attribute(node, 'axis', 'int', 0), known[0]!.shape.length)
  if (x && (indices || isBatch(x[at]))) return undefined
  const data = x ?? known[0]!.shape.map(other)
  return data.toSpliced(at, 1, ...(indices ?? known[1]!.shape.map(other)))
}

const reshape: AxesRule = ({ inputs: [x], shapes: [shape] }) => x && reshaped(x, shape!)

const transpose: AxesRule = ({ node, inputs: [x] }) => {
  const perm = attribute(node, 'perm', 'ints') ?? [...(x ?? []).keys()].reverse()
  return x && perm.map(axis => x[axis]!)
}

/** The axis of a value that is repeated unchanged for every image. */
const uniform = (length: Dim): Axis => [{ ...undivided('batch', length), uniform: true }]

const expand: AxesRule = ({ batch, inputs: [x], known, shapes: [shape] }) => {
  const from = known[0]!.shape
  const axes = broadcast(
    [
      { axes: x, shape: from },
      { axes: undefined, shape: [] },
    ],
    shape!,
  )
  if (!axes) return undefined
  return axes.map((axis, at) => {
    const length = from[at - shape!.length + from.length] ?? 1
    return length === 1 && shape![at] === batch ? uniform(batch) : axis
  })
}

const tile: AxesRule = ({ batch, inputs: [x], known, shapes: [shape] }) => {
  const repeats = known[1]?.content
  if (!repeats) return undefined
  const axes = x ?? known[0]!.shape.map(other)
  return axes.map((axis, at) => {
    const times = repeats[at]!
    if (times === 1) return axis
    if (times === batch && !isBatch(axis)) return [...uniform(batch), ...axis]
    return isBatch(axis) ? merged([...other(times), ...axis]) : resized(axis, shape![at]!)
  })
}

/**
 * Matrices in the last two axes: the batch may be among their rows or columns, never in the axis that is summed over.
 */
const matmul: AxesRule = ({ inputs: [a, b], known, shapes: [shape] }) => {
  const [left, right] = [known[0]!.shape, known[1]!.shape]
  if (isBatch(a?.at(-1)) || isBatch(b?.[right.length - (right.length > 1 ? 2 : 1)])) return undefined
  const outer = broadcast(
    [
      { axes: a?.slice(0, -2), shape: left.slice(0, -2) },
      { axes: b?.slice(0, -2), shape: right.slice(0, -2) },
    ],
    shape!.slice(0, Math.max(left.length, right.length) - 2),
  )
  if (!outer) return undefined
  const rows = left.length > 1 ? [a?.at(-2) ?? other(left.at(-2)!)] : []
  const columns = right.length > 1 ? [b?.at(-1) ?? other(right.at(-1)!)] : []
  return [...outer, ...rows, ...columns]
}

const gemm: AxesRule = ({ node, inputs: [a, b, c], known, shapes: [shape] }) => {
  const [transA, transB] = [attribute(node, 'transA', 'int', 0), attribute(node, 'transB', 'int', 0)]
  if (isBatch(a?.[1 - transA]) || isBatch(b?.[transB])) return undefined
  const product = [a?.[transA] ?? other(shape![0]!), b?.[1 - transB] ?? other(shape![1]!)]
  if (!known[2]) return product
  const axes = isBatch(product[0]) || isBatch(product[1]) ? product : undefined
  return broadcast(
    [
      { axes, shape: shape! },
      { axes: c, shape: known[2].shape },
    ],
    shape!,
  )
}

const each = (ops: string, rule: AxesRule): [string, AxesRule][] => ops.split(' ').map(op => [op, rule])

const last =
  (count: number) =>
  (context: AxesContext): readonly number[] => {
    const rank = context.known[0]!.shape.length
    return axesFrom(rank - count, rank)
  }

/**
 * The axes of the results of ONNX operators, as of operator set 17. Images cannot be tracked through other operators.
 */
export const axesRules: ReadonlyMap<string, AxesRule> = new Map([
  ...each('Relu LeakyRelu Sigmoid Tanh HardSwish HardSigmoid Elu Selu Celu Softplus Softsign Mish Erf Gelu', kept),
  ...each('Exp Log Sqrt Abs Neg Sign Reciprocal Floor Ceil Round Sin Cos Tan Not Identity Dropout Cast', kept),
  ...each('ThresholdedRelu IsNaN IsInf', kept),
  ...each('Add Sub Mul Div Pow Mod PRelu Sum Max Min Mean And Or Xor Where Clip', elementwise),
  ...each('Equal Greater GreaterOrEqual Less LessOrEqual', elementwise),
  ...each('Conv ConvTranspose', window(true)),
  ...each('MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool', window(false)),
  ...each(
    'BatchNormalization LRN',
    along(({ known }) => axesFrom(1, known[0]!.shape.length)),
  ),
  ...each(
    'InstanceNormalization GroupNormalization',
    along(({ known }) => axesFrom(1, known[0]!.shape.length)),
  ),
  ...each(
    'LayerNormalization',
    along(context => axesFrom(ofAxis(-1)(context)[0]!, context.known[0]!.shape.length)),
  ),
  ...each('Softmax LogSoftmax Hardmax', along(ofAxis(-1))),
  ...each('Trilu', along(last(2))),
  ...each(
    'CumSum',
    along(({ known }) => numbersOf(known[1])?.map(axis => axisOf(axis, known[0]!.shape.length))),
  ),
  ...each('ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare', reduction),
  ...each('ReduceLogSum ReduceLogSumExp', reduction),
  ...each('ArgMax ArgMin', reduce(ofAxis(0))),
  ...each('Reshape Flatten Squeeze Unsqueeze', reshape),
  ['Slice', slice],
  ['Pad', pad],
  ['Resize', resize],
  ['Concat', concat],
  ['Split', split],
  ['Gather', gather],
  ['Transpose', transpose],
  ['Expand', expand],
  ['Tile', tile],
  ['MatMul', matmul],
  ['Gemm', gemm],
  ['ConstantOfShape', ({ batch, shapes: [shape] }) => shape!.map(dim => (dim === batch ? uniform(batch) : other(dim)))],
])
