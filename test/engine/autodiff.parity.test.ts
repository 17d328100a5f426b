import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, it } from 'vitest'
import { derivative, tangentOf } from '../../electron/engine/autodiff/forward.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { type Derivatives, EXACT } from '../../electron/engine/autodiff/options.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import type { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Attributes, float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { elements, float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { type Expression, feedsOf, graphOf, type Inputs } from '../fixtures/interpreter/case.ts'
import { expectClose, type Feeds } from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import type { Value } from '../fixtures/interpreter/value.ts'
import { networks } from '../fixtures/networks.ts'
import { normals, random } from '../fixtures/random.ts'

/** Single precision against double. */
const TOLERANCE = 2e-4

async function inOnnxRuntime(graph: Graph, feeds: Feeds): Promise<Map<string, Value>> {
  const session = await InferenceSession.create(writeGraph(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 })
  try {
    const tensors = graph.inputs.map(({ name }) => {
      const { dims, data } = feeds[name]!
      return [name, new OrtTensor('float32', Float32Array.from(data), [...dims])] as const
    })
    const results = await session.run(Object.fromEntries(tensors))
    return new Map(
      Object.entries(results).map(([name, tensor]) => {
        if (!(tensor.data instanceof Float32Array)) throw new Error(`"${name}" is ${tensor.type}`)
        return [name, { dims: tensor.dims, data: [...tensor.data] }]
      }),
    )
  } finally {
    await session.release()
  }
}

/** A graph, its gradient and its derivative: ONNX Runtime and the referee agree. */
async function expectParity(graph: Graph, of: string, wrt: string, feeds: Feeds, options = EXACT): Promise<void> {
  const next = random(3)
  const y = interpret(graph, feeds).get(of)!
  const inputs = { ...feeds, upstream: noise(y.dims, next), direction: noise(feeds[wrt]!.dims, next) }
  const back = gradient(graph, { ...options, of, seed: 'upstream', wrt: [wrt] })
  const both = lower(derivative(back, { maxPool: options.maxPool, of: [of], wrt, tangent: 'direction' }))
  const expected = interpret(both, inputs)
  const actual = await inOnnxRuntime(both, inputs)
  for (const name of [of, gradientOf(wrt), tangentOf(of)])
    expectClose(actual.get(name)!, expected.get(name)!, TOLERANCE)
}

interface Case {
  readonly inputs?: Inputs
  readonly expression: Expression
  readonly positive?: boolean
  readonly options?: Partial<Derivatives>
}

const image: Inputs = { x: [2, 3, 6, 5] }
const weights = (g: GraphBuilder, dims: readonly number[]): string =>
  g.initializer(float32(dims, normals(5, elements(dims))))
const node =
  (op: string, attributes: Attributes = {}, ...operands: readonly ((g: GraphBuilder) => string)[]): Expression =>
  (g, ...xs) =>
    g.node(op, [...xs, ...operands.map(operand => operand(g))], attributes)

const unary = ['Neg', 'Exp', 'Abs', 'Sin', 'Cos', 'Erf', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Relu', 'LeakyRelu']
  .concat(['Elu', 'Selu', 'HardSigmoid', 'HardSwish', 'Identity', 'Dropout', 'Flatten', 'Transpose'])
  .concat(['ReduceMean', 'ReduceMax', 'ReduceMin', 'Softmax', 'LogSoftmax', 'GlobalAveragePool', 'GlobalMaxPool'])
const positive = ['Sqrt', 'Log', 'Reciprocal']
const binary = ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum']

const window = { kernel_shape: ints([3, 2]), strides: ints([2, 1]), pads: ints([1, 0, 0, 1]) }
const pools: readonly Attributes[] = [
  { kernel_shape: ints([3, 3]), strides: ints([2, 2]) },
  { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) },
  { ...window, ceil_mode: int(1) },
  { kernel_shape: ints([2, 3]), strides: ints([2, 3]), auto_pad: string('SAME_UPPER') },
  { kernel_shape: ints([2, 3]), strides: ints([2, 2]), auto_pad: string('SAME_LOWER') },
]

const cases: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(unary.map((op): [string, Case] => [op, { expression: node(op) }])),
  ...Object.fromEntries(positive.map((op): [string, Case] => [op, { expression: node(op), positive: true }])),
  ...Object.fromEntries(
    binary.map((op): [string, Case] => [
      `${op}, broadcast`,
      { inputs: { x: [3, 1, 5], b: [2, 3, 4, 1] }, expression: node(op), positive: op === 'Div' },
    ]),
  ),
  Pow: { expression: node('Pow', {}, g => g.scalar(3)) },
  Clip: {
    expression: node(
      'Clip',
      {},
      g => g.scalar(-1),
      g => g.scalar(0.5),
    ),
  },
  PRelu: { expression: node('PRelu', {}, g => weights(g, [3, 1, 1])) },
  Where: { expression: (g, x) => g.where(g.greater(x, g.scalar(0)), g.mul(x, x), x) },
  ReduceSum: { expression: node('ReduceSum', {}, g => g.integers([1, -1])) },
  MatMul: { inputs: { x: [2, 3, 4], b: [4, 2] }, expression: node('MatMul') },
  'MatMul of vectors': { inputs: { x: [4], b: [2, 4, 3] }, expression: node('MatMul') },
  Gemm: {
    inputs: { x: [4, 2], b: [3, 4] },
    expression: node('Gemm', { transA: int(1), transB: int(1), alpha: float(0.5) }),
  },
  Reshape: { expression: (g, x) => g.reshape(x, [0, -1, 3]) },
  Squeeze: { inputs: { x: [2, 1, 3] }, expression: node('Squeeze', {}, g => g.integers([1])) },
  Unsqueeze: { expression: node('Unsqueeze', {}, g => g.integers([0, -1])) },
  Expand: { inputs: { x: [3, 1] }, expression: node('Expand', {}, g => g.integers([2, 3, 4])) },
  Tile: { expression: node('Tile', {}, g => g.integers([1, 2, 1, 3])) },
  Gather: { expression: node('Gather', { axis: int(1) }, g => g.shared(int64([2, 0, 2, 2], [2, 2]))) },
  'Slice, backwards by two': { expression: (g, x) => g.slice(x, [2, 3], [-1, 1], [-9999, 9999], [-2, 1]) },
  'Pad that cuts': { expression: (g, x) => g.pad(x, [0, 0, 1, -1, 0, 0, -1, 2], 0.5) },
  Concat: { inputs: { x: [2, 3, 4], b: [2, 1, 4] }, expression: (g, a, b) => g.concat([a, b, a], 1) },
  Split: {
    expression: (g, x) => {
      const [a, b] = g.nodes('Split', [x, g.integers([1, 2])], 2, { axis: int(1) })
      return g.mul(a!, b!)
    },
  },
  ...Object.fromEntries(
    [
      { pads: ints([1, 1, 1, 1]) },
      { strides: ints([2, 2]), pads: ints([1, 0, 2, 1]) },
      { dilations: ints([2, 1]), strides: ints([1, 3]) },
      { strides: ints([2, 3]), auto_pad: string('SAME_UPPER') },
      { strides: ints([3, 2]), auto_pad: string('SAME_LOWER') },
      { pads: ints([3, 3, 4, 3]) },
    ].map((attributes, i): [string, Case] => [
      `Conv ${i}`,
      {
        expression: node(
          'Conv',
          attributes,
          g => weights(g, [4, 3, 3, 2]),
          g => weights(g, [4]),
        ),
      },
    ]),
  ),
  'Conv, depthwise': {
    expression: node('Conv', { group: int(3), strides: ints([2, 2]) }, g => weights(g, [6, 1, 3, 3])),
  },
  ConvTranspose: {
    expression: node(
      'ConvTranspose',
      { strides: ints([2, 3]), pads: ints([1, 0, 0, 1]), output_padding: ints([1, 2]) },
      g => weights(g, [3, 2, 3, 4]),
    ),
  },
  ...Object.fromEntries(
    pools.flatMap((attributes, i): [string, Case][] => [
      [`MaxPool ${i}`, { expression: node('MaxPool', attributes) }],
      [`MaxPool ${i}, relaxed-l2`, { expression: node('MaxPool', attributes), options: { maxPool: 'relaxed-l2' } }],
      [`AveragePool ${i}`, { expression: node('AveragePool', attributes) }],
      [`AveragePool ${i} with pads`, { expression: node('AveragePool', { ...attributes, count_include_pad: int(1) }) }],
    ]),
  ),
  'MaxPool, dilated': {
    expression: node('MaxPool', { kernel_shape: ints([2, 2]), dilations: ints([2, 3]), strides: ints([3, 1]) }),
  },
  LRN: { expression: node('LRN', { size: int(4), alpha: float(0.5), beta: float(0.75) }), inputs: { x: [2, 6, 3, 2] } },
  BatchNormalization: {
    expression: node('BatchNormalization', {}, ...[0, 1, 2].map(() => (g: GraphBuilder) => weights(g, [3])), g =>
      g.initializer(float32([3], [0.5, 1, 2])),
    ),
  },
}

describe('the referee and ONNX Runtime agree on operators and their derivatives', () => {
  for (const [name, { inputs = image, expression, positive = false, options }] of Object.entries(cases))
    it(name, async () => {
      const feeds = feedsOf(inputs, 6, positive)
      for (const sizes of ['known', 'free'] as const) {
        const graph = graphOf(sizes, inputs, expression)
        await expectParity(graph, graph.outputs[0]!.name, 'x', feeds, { ...EXACT, ...options })
      }
    })
})

describe('the referee and ONNX Runtime agree on networks', () => {
  for (const [name, network] of Object.entries(networks))
    for (const sizes of ['known', 'free'] as const)
      it(`${name}, of ${sizes} size`, async () => {
        const { graph, logits } = network(sizes === 'known' ? { batch: 1, height: 9, width: 8 } : {})
        const shape = [...graph.outputs, { ...graph.outputs[0]!, name: logits }]
        const data = noise([1, 3, 9, 8], random(2))
        await expectParity({ ...graph, outputs: shape }, logits, 'data', { data })
      })
})
