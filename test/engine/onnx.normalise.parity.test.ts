import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { GraphBuilder, OPSET } from '../../electron/engine/onnx/builder.ts'
import { type Attributes, float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { elements, float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { normals } from '../fixtures/random.ts'

/** A node as a file of some operator set has it: its operands after the image are constants. */
interface Case {
  readonly name: string
  readonly opset: number
  readonly op: string
  readonly dims: readonly number[]
  readonly attributes?: Attributes
  readonly operands?: (g: GraphBuilder) => readonly string[]
  readonly outputs?: number
  /** Decimals that agree where the node is computed otherwise; all by default. */
  readonly digits?: number
}

const seeded = (dims: readonly number[], seed = 3) => float32(dims, normals(seed, elements(dims)))
const image = [2, 6, 4, 5]
const cases: readonly Case[] = [
  {
    name: 'Slice by attributes',
    opset: 9,
    op: 'Slice',
    dims: image,
    attributes: { starts: ints([1, -3]), ends: ints([3, 9999]), axes: ints([1, 3]) },
  },
  {
    name: 'Slice by attributes, all axes',
    opset: 9,
    op: 'Slice',
    dims: image,
    attributes: { starts: ints([0, 1]), ends: ints([1, 3]) },
  },
  { name: 'Squeeze by attribute', opset: 11, op: 'Squeeze', dims: [2, 1, 3, 1], attributes: { axes: ints([1]) } },
  { name: 'Squeeze of all', opset: 11, op: 'Squeeze', dims: [2, 1, 3, 1] },
  { name: 'Unsqueeze by attribute', opset: 11, op: 'Unsqueeze', dims: [2, 3], attributes: { axes: ints([0, 3]) } },
  {
    name: 'ReduceSum by attribute',
    opset: 11,
    op: 'ReduceSum',
    dims: image,
    attributes: { axes: ints([1, 3]), keepdims: int(0) },
  },
  { name: 'ReduceSum of all', opset: 11, op: 'ReduceSum', dims: image },
  {
    name: 'GatherND of single indices',
    opset: 13,
    op: 'GatherND',
    dims: [5, 3],
    operands: g => [g.shared(int64([4, 0, -1, 2, 2, 1], [2, 3, 1]))],
  },
  { name: 'ReduceMean by input', opset: 18, op: 'ReduceMean', dims: image, operands: g => [g.integers([2, 3])] },
  { name: 'ReduceMax by input, all', opset: 18, op: 'ReduceMax', dims: image },
  {
    name: 'ReduceMean of no axes',
    opset: 18,
    op: 'ReduceMean',
    dims: image,
    operands: g => [g.integers([])],
    attributes: { noop_with_empty_axes: int(1) },
  },
  {
    name: 'Pad by attributes',
    opset: 10,
    op: 'Pad',
    dims: image,
    attributes: { pads: ints([0, 0, 1, 2, 0, 0, 0, 1]), value: float(2.5) },
  },
  {
    name: 'Pad by reflection',
    opset: 10,
    op: 'Pad',
    dims: image,
    attributes: { pads: ints([0, 0, 1, 2, 0, 0, 0, 1]), mode: string('reflect') },
  },
  {
    name: 'Pad of some axes',
    opset: 18,
    op: 'Pad',
    dims: image,
    operands: g => [g.integers([1, 2, 3, 0]), g.scalar(1), g.integers([-1, 1])],
  },
  {
    name: 'Clip by attributes',
    opset: 10,
    op: 'Clip',
    dims: image,
    attributes: { min: float(-0.5), max: float(0.25) },
  },
  { name: 'Clip from above', opset: 10, op: 'Clip', dims: image, attributes: { max: float(0.25) } },
  { name: 'Clip at nothing', opset: 10, op: 'Clip', dims: image },
  { name: 'Dropout with a ratio', opset: 10, op: 'Dropout', dims: image, attributes: { ratio: float(0.9) } },
  {
    name: 'Split by attribute',
    opset: 12,
    op: 'Split',
    dims: image,
    attributes: { axis: int(1), split: ints([1, 5]) },
    outputs: 2,
  },
  { name: 'Split evenly', opset: 12, op: 'Split', dims: image, attributes: { axis: int(1) }, outputs: 3 },
  {
    name: 'Split by number',
    opset: 18,
    op: 'Split',
    dims: image,
    attributes: { axis: int(1), num_outputs: int(3) },
    outputs: 3,
  },
  {
    name: 'Split unevenly by number',
    opset: 18,
    op: 'Split',
    dims: image,
    attributes: { axis: int(3), num_outputs: int(2) },
    outputs: 2,
  },
  { name: 'Gelu', opset: 20, op: 'Gelu', dims: image, digits: 6 },
  { name: 'Gelu by tanh', opset: 20, op: 'Gelu', dims: image, attributes: { approximate: string('tanh') }, digits: 6 },
  { name: 'Swish', opset: 24, op: 'Swish', dims: image, attributes: { alpha: float(1.5) }, digits: 6 },
  {
    name: 'RMSNormalization',
    opset: 23,
    op: 'RMSNormalization',
    dims: image,
    attributes: { axis: int(2), epsilon: float(0.01) },
    operands: g => [g.initializer(seeded([4, 5]))],
    digits: 6,
  },
  {
    name: 'Attention of tokens with their heads joined',
    opset: 23,
    op: 'Attention',
    dims: [2, 3, 8],
    attributes: { q_num_heads: int(2), kv_num_heads: int(2) },
    operands: g => [
      g.initializer(seeded([2, 5, 8])),
      g.initializer(seeded([2, 5, 6], 4)),
      g.initializer(seeded([3, 5], 5)),
    ],
    digits: 6,
  },
  {
    name: 'Attention of tokens by head',
    opset: 23,
    op: 'Attention',
    dims: [2, 2, 3, 4],
    attributes: { scale: float(0.3) },
    operands: g => [g.initializer(seeded([2, 2, 5, 4])), g.initializer(seeded([2, 2, 5, 6], 4))],
    digits: 6,
  },
  { name: 'Mish', opset: 18, op: 'Mish', dims: image, digits: 6 },
  {
    name: 'AveragePool of pixels apart',
    opset: 19,
    op: 'AveragePool',
    dims: image,
    attributes: { kernel_shape: ints([2, 2]), dilations: ints([2, 2]) },
    digits: 6,
  },
  {
    name: 'AveragePool of pixels apart, with its padding',
    opset: 19,
    op: 'AveragePool',
    dims: image,
    attributes: {
      kernel_shape: ints([2, 2]),
      dilations: ints([2, 1]),
      pads: ints([1, 1, 1, 1]),
      strides: ints([2, 1]),
      count_include_pad: int(1),
    },
    digits: 6,
  },
  { name: 'Softmax of a matrix', opset: 12, op: 'Softmax', dims: [3, 7] },
  { name: 'Softmax over all axes after the batch', opset: 12, op: 'Softmax', dims: image },
  { name: 'Softmax from an axis on', opset: 12, op: 'LogSoftmax', dims: image, attributes: { axis: int(-2) } },
  { name: 'Softmax of an image of one pixel', opset: 9, op: 'Softmax', dims: [2, 6, 1, 1] },
  { name: 'Softmax of today', opset: 13, op: 'Softmax', dims: image },
  { name: 'Softmax of today along channels', opset: 13, op: 'Softmax', dims: image, attributes: { axis: int(1) } },
  {
    name: 'BatchNormalization with its momentum',
    opset: 9,
    op: 'BatchNormalization',
    dims: image,
    attributes: { momentum: float(0.5), epsilon: float(0.01) },
    operands: g => [
      ...[1, 2, 3].map(seed => g.initializer(seeded([6], seed))),
      g.initializer(float32([6], [1, 2, 3, 4, 5, 6])),
    ],
  },
  { name: 'Reshape', opset: 7, op: 'Reshape', dims: image, operands: g => [g.integers([2, -1])] },
  {
    name: 'Gemm with all operands',
    opset: 7,
    op: 'Gemm',
    dims: [2, 6],
    operands: g => [g.initializer(seeded([6, 3])), g.initializer(seeded([3]))],
  },
  {
    name: 'PRelu for each channel',
    opset: 7,
    op: 'PRelu',
    dims: image,
    operands: g => [g.initializer(seeded([6, 1, 1]))],
  },
  {
    name: 'Constant in other forms',
    opset: 13,
    op: 'Sum',
    dims: [2, 3],
    operands: g => [
      g.node('Constant', [], { value_float: float(1.5) }),
      g.node('Constant', [], { value_floats: { kind: 'floats', value: [1, 2, 3] } }),
    ],
  },
]

function build({ opset, op, dims, attributes = {}, operands = () => [], outputs = 1 }: Case): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape: dims })
  const names = g.nodes(op, ['x', ...operands(g)], outputs, attributes)
  return g.build(
    op,
    names.map(name => ({ name, type: 'float32', shape: [] })),
    opset,
  )
}

describe('a node of its operator set has the same outputs as its rewritten form', () => {
  test.each(cases)('$name ($opset)', async each => {
    const graph = build(each)
    const bytes = writeGraph(graph)
    const read = readGraph(bytes, { file: 'old.onnx' })
    expect(read.opset).toBe(OPSET)
    const data = seeded(each.dims)
    const [old, now] = await Promise.all(
      [bytes, writeGraph(read)].map(async file => {
        const session = await InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 })
        const results = await session.run({ x: new OrtTensor('float32', data.data, data.dims) })
        await session.release()
        return graph.outputs.map(({ name }) => ({ dims: results[name]!.dims, data: results[name]!.data }))
      }),
    )
    if (each.digits === undefined) return expect(now).toEqual(old)
    for (const [index, { dims, data }] of old!.entries()) {
      expect(now![index]!.dims).toEqual(dims)
      for (const [at, value] of data.entries())
        expect(Number(now![index]!.data[at])).toBeCloseTo(Number(value), each.digits)
    }
  })
})

describe('operators that ONNX Runtime no longer runs', () => {
  const read = (each: Case) => readGraph(writeGraph(build(each)), { file: 'old.onnx' })
  const run = async (graph: Graph, dims: readonly number[]) => {
    const session = await InferenceSession.create(writeGraph(graph), { logSeverityLevel: 3 })
    const results = await session.run({ x: new OrtTensor('float32', seeded(dims).data, dims) })
    await session.release()
    return results[graph.outputs[0]!.name]!
  }

  test('a sum that broadcasts along an axis', async () => {
    const bias = [1, 2, 3, 4, 5, 6]
    const graph = read({
      ...{ name: '', opset: 6, op: 'Add', dims: image, attributes: { broadcast: int(1), axis: int(1) } },
      operands: g => [g.initializer(float32([6], bias))],
    })
    const { data } = await run(graph, image)
    const x = seeded(image).data
    expect(Array.from(data, Number)).toEqual(
      Array.from(x, (value, at) => Math.fround(value + bias[Math.floor(at / 20) % 6]!)),
    )
  })

  test('a slope for each channel', async () => {
    const slopes = [1, 2, 3, 4, 5, 6]
    const graph = read({
      ...{ name: '', opset: 6, op: 'PRelu', dims: image },
      operands: g => [g.initializer(float32([6], slopes))],
    })
    const { data } = await run(graph, image)
    const x = seeded(image).data
    expect(Array.from(data, Number)).toEqual(
      Array.from(x, (value, at) => (value < 0 ? Math.fround(value * slopes[Math.floor(at / 20) % 6]!) : value)),
    )
  })

  test('Reshape by attribute', async () => {
    const graph = read({ name: '', opset: 4, op: 'Reshape', dims: image, attributes: { shape: ints([4, -1]) } })
    expect((await run(graph, image)).dims).toEqual([4, 60])
  })

  test('a Reshape has a zero length only where its target has a 0', () => {
    const reshape = (dims: readonly number[], target: readonly number[]) => {
      const operands = (g: GraphBuilder): string[] => [g.integers(target)]
      const attributes = { allowzero: int(1) }
      return read({ name: '', opset: 18, op: 'Reshape', dims, operands, attributes }).nodes[0]!.attributes
    }
    // Lengths that are copied from the value, and freed from the size of the file, are those of a Reshape without.
    expect(reshape(image, [-1, 2, 3, 4, 5])).toEqual({})
    expect(reshape([0, 6], [0, 3, 2])).toEqual({ allowzero: int(1) })
  })

  test('values known only at run time are refused, with the way out', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: image })
    g.input({ name: 'axes', type: 'int64', shape: [1] })
    const y = g.node('ReduceMean', ['x', 'axes'])
    const bytes = writeGraph(g.build('late', [{ name: y, type: 'float32', shape: [] }], 18))
    expect(() => readGraph(bytes, { file: 'late.onnx' })).toThrow(
      /^cannot read late\.onnx: ReduceMean \(node "ReduceMean\.out", operator set 18\) .*; export the model with operator set 17$/,
    )
  })
})
