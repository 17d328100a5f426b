import type { Node } from './graph.ts'

/** All that an operator takes in any version of the standard, old names included: by operator, apart by blanks. */
const KNOWN: readonly (readonly [operators: string, attributes: string])[] = [
  ['Add Sub Mul Div Pow And Or Xor Greater Less Equal', 'axis broadcast'],
  ['GreaterOrEqual LessOrEqual PRelu Sum Max Min Mean Where MatMul Not Identity Expand Range Size', ''],
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
  ['SpaceToDepth', 'blocksize'],
  ['ConstantOfShape', 'value'],
  ['Dropout', 'ratio seed is_test'],
  ['Shape', 'start end'],
  ['Conv', 'auto_pad dilations group kernel_shape pads strides'],
  ['ConvTranspose', 'auto_pad dilations group kernel_shape pads strides output_padding output_shape'],
  ['MaxPool', 'auto_pad ceil_mode dilations kernel_shape pads storage_order strides'],
  ['AveragePool', 'auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides'],
  ['LpPool', 'auto_pad ceil_mode dilations kernel_shape p pads strides'],
  ['GlobalLpPool', 'p'],
]

const OF: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  KNOWN.flatMap(([operators, attributes]) =>
    // What early versions said of memory, of every operator.
    operators.split(' ').map(op => [op, new Set(['consumed_inputs', ...attributes.split(' ')])] as const),
  ),
)

/** An attribute that a standard operator does not have, which would be passed over and its default taken. */
export function unknownAttribute({ op, domain, attributes }: Node): string | undefined {
  const known = domain === '' ? OF.get(op) : undefined
  return known && Object.keys(attributes).find(name => !known.has(name))
}
