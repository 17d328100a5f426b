import type { Attribute, Node } from './graph.ts'

/**
 * The attributes of each operator in all versions of the standard, old names included; both lists are separated by
 * blanks.
 */
const KNOWN: readonly (readonly [operators: string, attributes: string])[] = [
  ['Add Sub Mul Div Pow And Or Xor Greater Less Equal', 'axis broadcast'],
  ['GreaterOrEqual LessOrEqual PRelu Sum Max Min Mean Where MatMul Not Identity Expand Size', ''],
  ['Range', 'stash_type'],
  ['Relu Sigmoid Tanh Softplus Softsign Mish Erf Exp Log Sqrt Abs Neg Sign Reciprocal', ''],
  ['Floor Ceil Round Sin Cos Tan HardSwish IsNaN GlobalAveragePool GlobalMaxPool', ''],
  ['Mod', 'fmod'],
  ['LeakyRelu Elu Celu ThresholdedRelu', 'alpha'],
  ['HardSigmoid', 'alpha beta'],
  ['Selu', 'alpha gamma'],
  ['Gelu', 'approximate'],
  ['Clip', 'min max'],
  ['CumSum', 'exclusive reverse'],
  ['Trilu', 'upper'],
  ['LRN', 'alpha beta bias size'],
  ['BatchNormalization', 'epsilon momentum spatial is_test training_mode'],
  ['InstanceNormalization', 'epsilon'],
  ['LayerNormalization', 'axis epsilon stash_type'],
  ['GroupNormalization', 'epsilon num_groups stash_type'],
  ['Softmax LogSoftmax Hardmax Concat Flatten Gather GatherElements', 'axis'],
  ['ScatterElements', 'axis reduction'],
  ['ScatterND', 'reduction'],
  [
    'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp',
    'axes keepdims noop_with_empty_axes',
  ],
  ['ArgMax ArgMin', 'axis keepdims select_last_index'],
  ['IsInf', 'detect_negative detect_positive'],
  ['Split', 'axis split num_outputs'],
  ['Slice', 'starts ends axes'],
  ['Pad', 'mode pads paddings value'],
  ['Squeeze Unsqueeze', 'axes'],
  ['Reshape', 'shape allowzero'],
  ['Transpose', 'perm'],
  ['Tile', 'axis tiles'],
  ['Gemm', 'alpha beta transA transB broadcast'],
  ['Cast', 'to saturate round_mode'],
  ['DepthToSpace', 'blocksize mode'],
  ['SpaceToDepth', 'blocksize mode'],
  ['ConstantOfShape', 'value'],
  ['Dropout', 'ratio seed is_test'],
  ['Shape', 'start end'],
  ['Conv', 'auto_pad dilations group kernel_shape pads strides'],
  ['ConvTranspose', 'auto_pad dilations group kernel_shape pads strides output_padding output_shape'],
  ['MaxPool', 'auto_pad ceil_mode dilations kernel_shape pads storage_order strides'],
  ['AveragePool', 'auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides'],
  ['LpPool', 'auto_pad ceil_mode dilations kernel_shape p pads strides'],
  ['GlobalLpPool', 'p'],
  ['Upsample', 'mode scales width_scale height_scale'],
  [
    'Resize',
    'antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value ' +
      'keep_aspect_ratio_policy mode nearest_mode',
  ],
]

/** The attributes of each operator. */
export const ATTRIBUTES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  KNOWN.flatMap(([operators, attributes]) =>
    // Early versions allow `consumed_inputs`, a hint on memory, on every operator.
    operators.split(' ').map(op => [op, new Set(['consumed_inputs', ...attributes.split(' ')])] as const),
  ),
)

/**
 * Attributes of one kind in every operator above and every version. Others, such as `axes`, `to` or `value`, have had
 * several.
 */
const KINDS: ReadonlyMap<string, Attribute['kind']> = new Map(
  (
    [
      ['int', 'axis group size blocksize num_groups'],
      ['float', 'alpha beta bias gamma epsilon momentum cubic_coeff_a extrapolation_value'],
      ['string', 'auto_pad mode approximate round_mode reduction coordinate_transformation_mode nearest_mode'],
      ['ints', 'kernel_shape strides dilations pads perm output_padding output_shape'],
    ] as const
  ).flatMap(([kind, names]) => names.split(' ').map(name => [name, kind] as const)),
)

/** Boolean attributes. Runtimes and rules that test for 1, or for not 0, would treat another number differently. */
const FLAGS = new Set(
  (
    'ceil_mode count_include_pad storage_order transA transB keepdims noop_with_empty_axes allowzero training_mode ' +
    'antialias exclude_outside'
  ).split(' '),
)

/** Numbers of these are lengths, steps and counts, none of which can be 0. */
const POSITIVE = new Set('kernel_shape strides dilations group size blocksize num_groups'.split(' '))

/**
 * The fault of an attribute of a standard operator, as the end of a sentence: a runtime would ignore it and use the
 * default, or compute a different result than another program. Undefined when there is none.
 */
export function attributeFault({ op, domain, attributes }: Node): string | undefined {
  const known = domain === '' ? ATTRIBUTES.get(op) : undefined
  if (!known) return undefined
  for (const [name, attribute] of Object.entries(attributes)) {
    const { kind, value } = attribute
    if (!known.has(name)) return `has an attribute "${name}", which the operator does not have`
    const expected = FLAGS.has(name) ? 'int' : KINDS.get(name)
    if (expected !== undefined && kind !== expected)
      return `has its attribute "${name}" as ${kind}, but its kind must be ${expected}`
    if (FLAGS.has(name) && value !== 0 && value !== 1)
      return `has the attribute "${name}" ${value}, but it must be 0 or 1`
    if (!POSITIVE.has(name)) continue
    if (kind === 'int' && value < 1) return `has the attribute "${name}" ${value}, but it must be 1 or more`
    if (kind === 'ints' && value.some(number => number < 1))
      return `has its attribute "${name}" as [${value.join(', ')}], but its numbers must be 1 or more`
  }
  return undefined
}
