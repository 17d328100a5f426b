import onnxProto, { type onnx } from 'onnx-proto'
import type { Dice } from './dice.ts'

const { ModelProto } = onnxProto.onnx

/** Numbers that no attribute, length or version accepts, and some that one or another takes. */
const ODD = [-1, 0, 1, 2, 3, 5, 64, 1000, 20_000, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 40, 2 ** 53]
/** Operators of other kinds: unknown, quantised, with sub-graphs, random, of sequences. */
const OTHER_OPERATORS = [
  ...['Mish', '', 'QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'ConvInteger', 'Loop', 'If', 'NonZero', 'TopK'],
  ...['RandomNormal', 'RandomNormalLike', 'SequenceConstruct', 'Einsum', 'LSTM', 'Tile', 'Expand', 'Range', 'Resize'],
  ...['Sigmoid', 'Neg', 'Exp', 'Log', 'Sqrt', 'Tanh', 'Abs', 'Reciprocal', 'LeakyRelu', 'Softsign', 'Identity', 'Elu'],
]
/** Operators of one input and of the same shape, to be set between two others. */
const BETWEEN = ['Exp', 'Log', 'Sqrt', 'Neg', 'Tanh', 'Sigmoid', 'Reciprocal', 'Abs', 'Erf', 'Relu', 'Softplus', 'Elu']
const NAMES = [
  ...['', ' ', '.', '\u001b]0;x\u0007', 'a\nb', '\u202egpj', '__proto__', 'constructor', 'data', 'logits', 'prob'],
  ...['/etc/passwd', 'x'.repeat(100_000), '%s%n', '\u0000', '\ud800', 'mixed3a'],
]
const PLACES = [
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    '/dev/zero',
    '.',
    '..',
    '',
    'missing.bin',
    'pipe',
    'folder',
    'link.bin',
    'a\0b',
  ],
  ...['C:\\windows\\win.ini', 'weights.bin', 'weights.bin', 'weights.bin'],
]

type Parts = Required<Pick<onnx.IGraphProto, 'node' | 'initializer' | 'input' | 'output'>> & {
  readonly node: onnx.INodeProto[]
  readonly initializer: onnx.ITensorProto[]
  readonly input: onnx.IValueInfoProto[]
  readonly output: onnx.IValueInfoProto[]
}
type Change = (graph: Parts, dice: Dice, model: onnx.IModelProto) => void

const withAttributes = (graph: Parts, { pick }: Dice) => pick(graph.node.filter(node => node.attribute?.length))
const attributeOf = (graph: Parts, dice: Dice): onnx.IAttributeProto =>
  dice.pick(withAttributes(graph, dice).attribute!)
const numbersOf = (tensor: onnx.ITensorProto): Float32Array => {
  const bytes = Buffer.from(tensor.rawData!)
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
const setNumbers = (tensor: onnx.ITensorProto, numbers: Float32Array): void => {
  tensor.rawData = new Uint8Array(numbers.buffer)
}
const integers = (name: string, values: readonly number[]): onnx.ITensorProto => ({
  name,
  dataType: 7,
  dims: [values.length],
  rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

/** Inserts a node between a node and its consumers. */
function between(graph: Parts, { below }: Dice, make: (from: string, to: string) => onnx.INodeProto): void {
  const at = below(graph.node.length - 2)
  const output = graph.node[at]!.output!
  const name = output[0]!
  output[0] = `${name} before`
  graph.node.splice(at + 1, 0, make(`${name} before`, name))
}

/** What is wrong, odd or hostile in a model that is a sound protocol buffer. */
export const graphDamage: Readonly<Record<string, Change>> = {
  'operator set': (_, { pick }, model) => {
    model.opsetImport![0]!.version = pick([-1, 0, 1, 2, 6, 9, 11, 12, 13, 16, 18, 20, 21, 22, 26, 27, 28, 99, 2 ** 40])
  },
  'operator set of another domain': (_, { pick }, model) => {
    model.opsetImport!.push({ domain: pick(['', 'com.microsoft', 'ai.onnx.ml', 'x']), version: pick([1, 9, 17]) })
  },
  'number in an attribute': (graph, dice) => {
    const attribute = attributeOf(graph, dice)
    if (attribute.ints?.length) attribute.ints[dice.below(attribute.ints.length)] = dice.pick(ODD)
    else if (attribute.type === 1) attribute.f = dice.pick([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e38, 1e-40])
    else attribute.i = dice.pick(ODD)
  },
  'length of an attribute': (graph, dice) => {
    const attribute = attributeOf(graph, dice)
    attribute.ints = dice.pick([[], [1], [1, 1, 1], Array.from({ length: 5000 }, () => 1)])
  },
  'name of an attribute': (graph, dice) => {
    attributeOf(graph, dice).name = dice.pick([...NAMES, 'alphX', 'auto_pad', 'strides', 'axis'])
  },
  'kind of an attribute': (graph, dice) => {
    attributeOf(graph, dice).type = dice.pick<number>([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 99])
  },
  'attribute left out': (graph, dice) => {
    withAttributes(graph, dice).attribute!.pop()
  },
  'attribute twice': (graph, dice) => {
    const { attribute } = withAttributes(graph, dice)
    attribute!.push({ ...dice.pick(attribute!), i: 2 })
  },
  'text in an attribute': (graph, dice) => {
    withAttributes(graph, dice).attribute!.push({
      name: 'auto_pad',
      type: 3,
      s: Buffer.from(dice.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET', 'ODD', '\u001b[2J', ''])),
    })
  },
  'all weights': (graph, { pick }) => {
    const value = pick([Number.NaN, Number.POSITIVE_INFINITY, 1e38, -1e38, 1e-42, 0, 1e19])
    for (const tensor of graph.initializer) setNumbers(tensor, numbersOf(tensor).fill(value))
  },
  'one weight': (graph, { pick, below }) => {
    const tensor = pick(graph.initializer)
    const numbers = numbersOf(tensor)
    numbers[below(numbers.length)] = pick([Number.NaN, Number.NEGATIVE_INFINITY, 1e38, 1e-42, 1000])
    setNumbers(tensor, numbers)
  },
  'shape of weights': (graph, { pick, below, next }) => {
    const tensor = pick(graph.initializer)
    const dims = tensor.dims!
    const which = next()
    if (which < 0.3) dims.reverse()
    else if (which < 0.5) tensor.dims = pick([[], [0], [2 ** 31, 2 ** 31], Array.from({ length: 5000 }, () => 1)])
    else dims[below(dims.length)] = pick(ODD)
  },
  'type of weights': (graph, { pick }) => {
    pick(graph.initializer).dataType = pick([0, 2, 3, 6, 7, 8, 9, 10, 11, 14, 16, 17, 21, 99])
  },
  'weights elsewhere': (graph, { pick, next }) => {
    const tensor = pick(graph.initializer)
    const content = next() < 0.5
    tensor.dataLocation = 1
    tensor.externalData = [{ key: 'location', value: pick(PLACES) }]
    if (content)
      tensor.externalData.push({ key: 'offset', value: pick(['0', '-1', '4096', '1e99', 'x', '9007199254740993']) })
    if (next() < 0.5)
      tensor.externalData.push({ key: 'length', value: pick(['0', '-4', '64', '1e99', '', '999999999999']) })
    tensor.rawData = new Uint8Array()
  },
  'shape of the input': (graph, { pick }) => {
    const dim = (dimValue: number) => ({ dimValue })
    graph.input[0]!.type!.tensorType!.shape = pick([
      { dim: [1, 3, 64, 64].map(dim) },
      { dim: [1, 3, 24, 24].map(dim) },
      { dim: [4, 3, 24, 24].map(dim) },
      { dim: [1, 1, 24, 24].map(dim) },
      { dim: [1, 24, 24, 3].map(dim) },
      { dim: [-1, 0, 2 ** 31, 2 ** 40].map(dim) },
      { dim: [1, 3].map(dim) },
      { dim: [] },
      { dim: ['N', 'N', 'N', 'N'].map(dimParam => ({ dimParam })) },
      undefined!,
    ])
  },
  'type of the input': (graph, { pick }) => {
    graph.input[0]!.type!.tensorType!.elemType = pick([0, 2, 3, 6, 7, 8, 9, 10, 11, 16, 99])
  },
  'another input': (graph, { pick }) => {
    graph.input.push({ ...graph.input[0], name: pick(['mask', ...NAMES]) })
  },
  'no input': graph => {
    graph.input.length = 0
  },
  'a cycle': (graph, { below }) => {
    const at = below(graph.node.length - 1)
    graph.node[at]!.input![0] = graph.node.at(-1)!.output![0]!
  },
  'an input that nothing makes': (graph, { pick, below }) => {
    const { input } = pick(graph.node)
    input![below(input!.length)] = pick(['nowhere', ...NAMES])
  },
  'inputs left out': (graph, { pick }) => {
    const { input } = pick(graph.node)
    input!.length = Math.max(0, input!.length - 1)
  },
  'a thousand inputs': (graph, { pick }) => {
    const node = pick(graph.node)
    node.input = Array.from({ length: 1000 }, () => node.input![0]!)
  },
  'name of a node': (graph, { pick }) => {
    pick(graph.node).name = pick([...NAMES, ...graph.node.map(({ name }) => name!)])
  },
  'name of an output': (graph, { pick }) => {
    pick(graph.node).output![0] = pick([...NAMES, ...graph.node.map(({ output }) => output![0]!)])
  },
  'name everywhere': (graph, { pick }) => {
    const from = pick(graph.node.slice(0, -2)).output![0]!
    const to = pick(NAMES)
    for (const { input, output } of graph.node)
      for (const names of [input!, output!]) for (const [i, name] of names.entries()) if (name === from) names[i] = to
  },
  'name of weights': (graph, { pick }) => {
    pick(graph.initializer).name = pick([...NAMES, ...graph.initializer.map(({ name }) => name!)])
  },
  'a node left out': (graph, { below }) => {
    graph.node.splice(below(graph.node.length), 1)
  },
  'a node twice': (graph, { below }) => {
    const at = below(graph.node.length)
    graph.node.splice(at, 0, graph.node[at]!)
  },
  'another order': graph => {
    graph.node.reverse()
  },
  'another operator': (graph, { pick }) => {
    pick(graph.node).opType = pick(OTHER_OPERATORS)
  },
  'another domain': (graph, { pick }, model) => {
    const domain = pick(['com.microsoft', 'ai.onnx', 'portolan', 'x', '\u001b[31m'])
    pick(graph.node).domain = domain
    model.opsetImport!.push({ domain, version: 1 })
  },
  'an operator between': (graph, dice) => {
    between(graph, dice, (from, to) => ({ opType: dice.pick(BETWEEN), name: 'between', input: [from], output: [to] }))
  },
  'an enlargement': (graph, dice) => {
    const length = dice.pick([2, 100, 2 ** 15, 2 ** 31])
    graph.initializer.push(integers('lengths', [1, 1, length, length]))
    graph.initializer.push(integers('wide', [0, 0, length, length, 0, 0, length, length]))
    const op = dice.pick(['Tile', 'Expand', 'Pad'])
    between(graph, dice, (from, to) => ({
      opType: op,
      name: 'enlargement',
      input: [from, op === 'Pad' ? 'wide' : 'lengths'],
      output: [to],
    }))
  },
  'a huge constant': (graph, dice) => {
    const length = dice.pick([1, 2 ** 15, 2 ** 20, 2 ** 31])
    graph.initializer.push(integers('lengths', [1, 1, 1, length]))
    graph.node.unshift({ opType: 'ConstantOfShape', name: 'constant', input: ['lengths'], output: ['constant'] })
    graph.node.splice(1, 0, {
      opType: 'ReduceSum',
      name: 'sum',
      input: ['constant'],
      output: ['sum'],
      attribute: [{ name: 'keepdims', type: 2, i: 1 }],
    })
    between({ ...graph, node: graph.node }, dice, (from, to) => ({
      opType: 'Add',
      name: 'more',
      input: [from, 'sum'],
      output: [to],
    }))
  },
  'a training node': (graph, dice) => {
    between(graph, dice, (from, to) => ({ opType: 'Dropout', name: 'dropout', input: [from], output: [to] }))
  },
  outputs: (graph, { pick }) => {
    const output = graph.output[0]!
    const made: (() => void)[] = [
      () => graph.output.pop(),
      () => graph.output.push(output),
      () => graph.output.push({ ...output, name: 'nowhere' }),
      () => graph.output.push({ ...output, name: 'data' }),
      () => {
        output.type = { tensorType: { elemType: 7, shape: { dim: [{ dimValue: 2 ** 40 }] } } }
      },
      () => {
        output.type = { sequenceType: {} }
      },
    ]
    pick(made)()
  },
  'another head': (graph, { pick }) => {
    pick(graph.node.slice(0, -1)).output!.push('logits')
  },
  'inner shapes that are wrong': (_, dice, model) => {
    model.graph!.valueInfo = [
      { name: 'mixed3a', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: dice.pick(ODD) }] } } } },
    ]
  },
  'sparse weights': (graph, dice, model) => {
    model.graph!.sparseInitializer = [{ values: dice.pick(graph.initializer), dims: [1] }]
  },
  'a sub-graph': (graph, dice) => {
    withAttributes(graph, dice).attribute!.push({ name: 'body', type: 5, g: { name: 'body' } })
  },
  'descriptions of the model': (_, { pick }, model) => {
    model.producerName = pick(NAMES)
    model.docString = pick(NAMES)
    model.irVersion = pick(ODD)
    model.graph!.name = pick(NAMES)
  },
}

/** A model with something changed in it. */
export function damagedGraph(model: Uint8Array, kind: string, dice: Dice): Uint8Array {
  // Through an object and back, so that everything is there to be changed.
  const proto = ModelProto.toObject(ModelProto.decode(model), { longs: Number, arrays: true }) as onnx.IModelProto
  graphDamage[kind]!(proto.graph as Parts, dice, proto)
  return ModelProto.encode(ModelProto.fromObject(proto)).finish()
}
