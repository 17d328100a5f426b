import { attribute, axisOf, int, ints, type Node, type Shape, without } from './graph.ts'
import { batchNormalization } from './normalise-statistics.ts'
import { elements, float32, int64, integers, type Tensor, type TensorType } from './tensor.ts'

/** The context of a rewriting rule: shapes and constants of values, new names, and refusal. */
export interface Context {
  /** The shape of a value, where it is known. */
  shape(value: string): Shape | undefined
  /** The type of a value, where it is known. */
  type(value: string): TensorType | undefined
  constant(value: string): Tensor | undefined
  /** Whether a value is a constant, or computed from constants alone. */
  isConstant(value: string): boolean
  /** Adds a constant and returns its name. */
  initializer(tensor: Tensor): string
  fresh(hint: string): string
  /** @param way the way out; by default another operator set */
  refuse(node: Node, why: string, way?: string): never
}

/** Rewrites an operator of some versions of the standard in version 17. */
export interface Rule {
  readonly ops: readonly string[]
  /** Operator sets that the rule is for: those before `below`, or those from `from` on. */
  readonly below?: number
  readonly from?: number
  /** The nodes that replace the node; undefined where it is valid unchanged. */
  rewrite(node: Node, context: Context): readonly Node[] | undefined
}

/** Inputs without the empty names at their end. */
const trimmed = (inputs: readonly string[]): readonly string[] =>
  inputs.slice(0, inputs.findLastIndex(input => input !== '') + 1)

/** Attributes, lists of integers, that became inputs: `names` in the order of the inputs from the second on. */
const attributesToInputs = (ops: readonly string[], below: number, names: readonly string[]): Rule => ({
  ops,
  below,
  rewrite(node, context) {
    const added = names.map(name => {
      const values = attribute(node, name, 'ints')
      return values ? context.initializer(int64(values)) : ''
    })
    return [{ ...node, inputs: trimmed([node.inputs[0]!, ...added]), attributes: without(node.attributes, ...names) }]
  },
})

/** Attributes that concern training, memory or half precision, which is widened here, and never the result. */
const dropped = (ops: readonly string[], ...names: readonly string[]): Rule => ({
  ops,
  rewrite: node => [{ ...node, attributes: without(node.attributes, ...names) }],
})

const ARITHMETIC = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Greater', 'Less', 'Equal']
const REDUCTIONS = [
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'],
  ...['ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'],
]

/** All rules, in the order in which they apply. */
export const RULES: readonly Rule[] = [
  dropped(
    [...ARITHMETIC, 'Relu', 'Sigmoid', 'Tanh', 'Sum', 'Max', 'Min', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg'],
    'consumed_inputs',
  ),
  dropped(['Range'], 'stash_type'),
  dropped(
    ['LeakyRelu', 'PRelu', 'HardSigmoid', 'Elu', 'Selu', 'Clip', 'Reciprocal', 'Floor', 'Ceil'],
    'consumed_inputs',
  ),
  attributesToInputs(['Slice'], 10, ['starts', 'ends', 'axes']),
  attributesToInputs(['Squeeze', 'Unsqueeze', 'ReduceSum'], 13, ['axes']),
  attributesToInputs(['Reshape'], 5, ['shape']),
  {
    // What a 0 stands for, where there is none: torch.export says it of every Reshape.
    ops: ['Reshape'],
    from: 14,
    rewrite(node, context) {
      const target = context.constant(node.inputs[1]!)
      if (!('allowzero' in node.attributes) || !target || integers(target).includes(0)) return undefined
      return [{ ...node, attributes: without(node.attributes, 'allowzero') }]
    },
  },
  attributesToInputs(['Split'], 13, ['split']),
  {
    // With one index for each element it is a Gather along the first axis: tables of biases, by torch.export.
    ops: ['GatherND'],
    rewrite(node, context) {
      const [table, indices] = node.inputs
      if (context.shape(indices!)?.at(-1) !== 1 || attribute(node, 'batch_dims', 'int', 0) !== 0) return undefined
      const plain = context.fresh(`${node.outputs[0]}.indices`)
      const inputs = [indices!, context.initializer(int64([-1]))]
      return [
        { op: 'Squeeze', domain: '', name: plain, inputs, outputs: [plain], attributes: {} },
        { ...node, op: 'Gather', inputs: [table!, plain], attributes: { axis: int(0) } },
      ]
    },
  },
  {
    ops: ['Concat'],
    below: 4,
    rewrite: node => [{ ...node, attributes: { axis: int(attribute(node, 'axis', 'int', 1)) } }],
  },
  {
    // `pads` was called `paddings` at first.
    ops: ['Pad'],
    below: 11,
    rewrite(node, context) {
      const pads = attribute(node, 'pads', 'ints') ?? attribute(node, 'paddings', 'ints', [])
      const value = attribute(node, 'value', 'float', 0)
      return [
        {
          ...node,
          inputs: [node.inputs[0]!, context.initializer(int64(pads)), context.initializer(float32([], [value]))],
          attributes: without(node.attributes, 'pads', 'paddings', 'value'),
        },
      ]
    },
  },
  {
    // Version 18 may pad some axes only.
    ops: ['Pad'],
    from: 18,
    rewrite(node, context) {
      const [x, padsName, value, axesName] = node.inputs
      if (!axesName) return undefined
      const axes = context.constant(axesName)
      const pads = context.constant(padsName!)
      const rank = context.shape(x!)?.length
      if (!axes || !pads || rank === undefined)
        return context.refuse(node, 'pads along axes that are known only at run time')
      const some = integers(pads)
      const all = new Array<number>(2 * rank).fill(0)
      for (const [index, axis] of integers(axes).entries()) {
        const at = axisOf(axis, rank)
        all[at] = some[index]!
        all[at + rank] = some[index + some.length / 2]!
      }
      return [{ ...node, inputs: trimmed([x!, context.initializer(int64(all)), value ?? '']) }]
    },
  },
  {
    ops: ['Clip'],
    below: 11,
    rewrite(node, context) {
      const bounds = ['min', 'max'].map(name => {
        const bound = attribute(node, name, 'float')
        return bound === undefined ? '' : context.initializer(float32([], [bound]))
      })
      return [{ ...node, inputs: trimmed([node.inputs[0]!, ...bounds]), attributes: {} }]
    },
  },
  {
    // Before 12 the ratio was an attribute; with a mask output the node is not an identity.
    ops: ['Dropout'],
    below: 12,
    rewrite(node) {
      const [output, mask] = node.outputs
      if (!mask) return [{ ...node, op: 'Identity', outputs: [output!], attributes: {} }]
      return [{ ...node, attributes: {} }]
    },
  },
  {
    // In training mode a runtime drops other activations in each run.
    ops: ['Dropout'],
    rewrite(node, context) {
      const [ratio, training] = node.inputs.slice(1).map(input => context.constant(input)?.data[0])
      return training && ratio !== 0
        ? context.refuse(node, 'is in training mode', 'export the model in inference mode (model.eval())')
        : undefined
    },
  },
  batchNormalization,
  {
    /**
     * Until 12 a softmax took its input as a matrix, all axes from `axis` on as one. That equals the current softmax
     * when `axis` is the last one, or when all axes after it have length 1.
     */
    ops: ['Softmax', 'LogSoftmax', 'Hardmax'],
    below: 13,
    rewrite(node, context) {
      const [x] = node.inputs
      const [y] = node.outputs
      const axis = attribute(node, 'axis', 'int', 1)
      const lengths = context.shape(x!)
      const trailing = lengths?.slice(axisOf(axis, lengths.length) + 1)
      if (trailing?.every(length => length === 1)) return [{ ...node, attributes: { axis: int(axis) } }]
      const [flat, scores, shape] = ['flat', 'scores', 'shape'].map(part => context.fresh(`${y}.${part}`))
      return [
        { ...node, op: 'Flatten', name: `${node.name}.flat`, outputs: [flat!], attributes: { axis: int(axis) } },
        { ...node, inputs: [flat!], outputs: [scores!], attributes: { axis: int(-1) } },
        { ...node, op: 'Shape', name: `${node.name}.shape`, outputs: [shape!], attributes: {} },
        { ...node, op: 'Reshape', name: `${node.name}.back`, inputs: [scores!, shape!], attributes: {} },
      ]
    },
  },
  {
    ops: ['Softmax', 'LogSoftmax', 'Hardmax'],
    from: 13,
    rewrite: node => [{ ...node, attributes: { axis: int(attribute(node, 'axis', 'int', -1)) } }],
  },
  {
    // Until 6 the second operand was broadcast along the first from `axis` on, and only with `broadcast` set.
    ops: ARITHMETIC,
    below: 7,
    rewrite(node, context) {
      const attributes = without(node.attributes, 'broadcast', 'axis')
      const axis = attribute(node, 'axis', 'int')
      const [a, b] = node.inputs
      const ranks = [context.shape(a!)?.length, context.shape(b!)?.length]
      if (attribute(node, 'broadcast', 'int', 0) === 0 || axis === undefined) return [{ ...node, attributes }]
      const [fullRank, partRank] = ranks
      if (fullRank === undefined || partRank === undefined)
        return context.refuse(node, 'broadcasts along an axis of a value of unknown shape')
      const trailing = fullRank - axisOf(axis, fullRank) - partRank
      if (trailing <= 0) return [{ ...node, attributes }]
      const aligned = context.fresh(`${b}.aligned`)
      const axes = context.initializer(int64(Array.from({ length: trailing }, (_, i) => partRank + i)))
      return [
        { ...node, op: 'Unsqueeze', name: aligned, inputs: [b!, axes], outputs: [aligned], attributes: {} },
        { ...node, inputs: [a!, aligned], attributes },
      ]
    },
  },
  {
    // Until 6 a slope for each channel was a plain list.
    ops: ['PRelu'],
    below: 7,
    rewrite(node, context) {
      const [x, slopeName] = node.inputs
      const slope = context.constant(slopeName!)
      const rank = context.shape(x!)?.length
      if (slope?.dims.length !== 1 || elements(slope.dims) === 1) return undefined
      if (rank === undefined) return context.refuse(node, 'has a slope for each channel of a value of unknown shape')
      const dims = [...slope.dims, ...new Array<number>(Math.max(0, rank - 2)).fill(1)]
      return [{ ...node, inputs: [x!, context.initializer({ ...slope, dims })] }]
    },
  },
  {
    ops: ['Gemm'],
    below: 7,
    rewrite: node => [{ ...node, attributes: without(node.attributes, 'broadcast') }],
  },
  {
    ops: ['Cast'],
    rewrite: node => [{ ...node, attributes: without(node.attributes, 'saturate', 'round_mode') }],
  },
  {
    // From 18 on axes are an input; no axes may mean none of them.
    ops: REDUCTIONS,
    from: 18,
    rewrite(node, context) {
      const [x, axesName] = node.inputs
      const attributes = without(node.attributes, 'noop_with_empty_axes')
      const axes = axesName ? context.constant(axesName) : int64([])
      if (!axes) return context.refuse(node, 'reduces along axes that are known only at run time')
      const list = integers(axes)
      if (list.length) return [{ ...node, inputs: [x!], attributes: { ...attributes, axes: ints(list) } }]
      if (attribute(node, 'noop_with_empty_axes', 'int', 0) === 1)
        return [{ ...node, op: 'Identity', inputs: [x!], attributes: {} }]
      return [{ ...node, inputs: [x!], attributes }]
    },
  },
]
