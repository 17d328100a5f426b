import type { Node } from './graph.ts'

/** Least and greatest number of inputs of each operator over all versions of the standard; omitted ones count. */
const COUNTS: readonly (readonly [operators: string, min: number, max: number])[] = [
  ['Relu Sigmoid Tanh Softplus Softsign Mish Erf Exp Log Sqrt Abs Neg Sign Reciprocal Not Identity Size', 1, 1],
  ['Floor Ceil Round Sin Cos Tan HardSwish IsNaN IsInf GlobalAveragePool GlobalMaxPool GlobalLpPool', 1, 1],
  ['LeakyRelu Elu Celu ThresholdedRelu HardSigmoid Selu Gelu LRN Softmax LogSoftmax Hardmax Flatten', 1, 1],
  ['ArgMax ArgMin Transpose Cast DepthToSpace SpaceToDepth ConstantOfShape Shape', 1, 1],
  ['MaxPool AveragePool LpPool', 1, 1],
  ['Add Sub Mul Div Pow And Or Xor Greater Less Equal GreaterOrEqual LessOrEqual Mod', 2, 2],
  ['PRelu MatMul Expand CumSum Gather GatherElements', 2, 2],
  ['Where Range ScatterElements ScatterND InstanceNormalization GroupNormalization', 3, 3],
  ['BatchNormalization', 5, 5],
  ['Conv ConvTranspose Gemm LayerNormalization', 2, 3],
  ['Trilu Reshape Squeeze Unsqueeze Split ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd', 1, 2],
  ['ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp', 1, 2],
  ['Clip Dropout Tile', 1, 3],
  ['Upsample', 1, 2],
  ['Pad Resize', 1, 4],
  ['Slice', 1, 5],
  ['Concat Sum Max Min Mean', 1, Number.POSITIVE_INFINITY],
]

const BY_OPERATOR = new Map(
  COUNTS.flatMap(([operators, min, max]) => operators.split(' ').map(op => [op, { min, max }] as const)),
)

/** What is wrong with the number of inputs of a standard operator, as the end of a sentence; undefined for nothing. */
export function inputCountFault({ op, domain, inputs }: Node): string | undefined {
  const known = domain === '' ? BY_OPERATOR.get(op) : undefined
  if (!known || (inputs.length >= known.min && inputs.length <= known.max)) return undefined
  const { min, max } = known
  const takes = max === min ? `${min}` : max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`
  return `has ${inputs.length} inputs, but it takes ${takes}`
}
