import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { float, type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { elements, float32, integers } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const tensor = (dims: readonly number[], seed = 5) => float32(dims, normals(seed, elements(dims)))
const outputsOf = async (graph: Graph, dims: readonly number[]): Promise<number[]> => {
  const program = await runtime.load(graph)
  const results = await program.run({ data: tensor(dims) })
  await program.release()
  return graph.outputs.flatMap(output => Array.from(results[output.name]!.data, Number))
}
const ops = (graph: Graph): string[] => graph.nodes.map(node => node.op)

/** Both give the same outputs, and not only zeros. */
async function expectSameOutputs(before: Graph, after: Graph, dims: readonly number[]): Promise<void> {
  const [left, right] = [await outputsOf(before, dims), await outputsOf(after, dims)]
  const scale = Math.max(...left.map(Math.abs))
  expect(scale).toBeGreaterThan(0)
  expect(right.length).toBe(left.length)
  for (const [index, value] of left.entries()) expect(Math.abs(right[index]! - value)).toBeLessThan(1e-5 * scale)
}

describe.each(Object.entries(networks))('%s', (_, build) => {
  test('has the same outputs, without batch normalisation', async () => {
    const { graph, layers } = build()
    const outputs = ['logits', ...layers].map(name => ({ name, type: 'float32' as const, shape: [] }))
    const simple = simplify({ ...graph, outputs })
    expect(ops(simple)).not.toContain('BatchNormalization')
    await expectSameOutputs({ ...graph, outputs }, simple, [2, 3, 32, 32])
  })

  test('bound to a size, it is the same for that size', async () => {
    const { graph } = build()
    const simple = simplify(graph, { bound: { data: [2, 3, 40, 32] } })
    expect(simple.inputs[0]!.shape).toEqual([2, 3, 40, 32])
    expect(simple.outputs[0]!.shape).toEqual([2, 10])
    await expectSameOutputs(graph, simple, [2, 3, 40, 32])
  })

  test('stored in half precision and read again, it has no casts', () => {
    const { graph } = build()
    const read = readGraph(writeGraph(graph, { weights: 'float16' }), { file: 'half.onnx' })
    expect(ops(read)).toContain('Cast')
    expect(ops(simplify(read))).toEqual(ops(simplify(graph)))
  })
})

test('in a residual network every normalisation is folded into a convolution', () => {
  const { graph } = networks.residual()
  const simple = simplify(graph)
  expect(ops(simple).filter(op => op === 'Conv').length).toBe(ops(graph).filter(op => op === 'Conv').length)
  expect(ops(simple)).not.toContain('Mul')
})

test('normalisation is not folded into a value that something else reads, or that is kept', async () => {
  const g = new GraphBuilder()
  g.input({ name: 'data', type: 'float32', shape: ['N', 4, 'H', 'W'] })
  const weights = g.initializer(tensor([6, 4, 1, 1]))
  const statistics = () =>
    [1, 2, 3, 4].map(seed => g.initializer({ ...tensor([6], seed), data: normals(seed, 6).map(v => 1 + Math.abs(v)) }))
  const shared = g.node('Conv', ['data', weights])
  const one = g.node('BatchNormalization', [shared, ...statistics()])
  const alone = g.node('Conv', ['data', weights])
  const two = g.node('BatchNormalization', [alone, ...statistics()], { epsilon: float(0.1) })
  g.append({ op: 'Add', domain: '', name: 'sum', inputs: [one, shared], outputs: ['sum'], attributes: {} })
  g.append({ op: 'Add', domain: '', name: 'y', inputs: ['sum', two], outputs: ['y'], attributes: {} })
  const graph = g.build('shared', [{ name: 'y', type: 'float32', shape: ['N', 6, 'H', 'W'] }])
  expect(ops(simplify(graph)).sort()).toEqual(['Add', 'Add', 'Add', 'Conv', 'Conv', 'Mul'])
  expect(ops(simplify(graph, { keep: [alone] })).filter(op => op === 'Mul').length).toBe(2)
  await expectSameOutputs(graph, simplify(graph), [2, 4, 5, 5])
  await expectSameOutputs(graph, simplify(graph, { keep: [alone] }), [2, 4, 5, 5])
})

describe('normalisation is folded into every kind of layer before it', () => {
  const cases: readonly [string, readonly number[], (g: GraphBuilder) => string][] = [
    [
      'Conv in groups',
      [2, 4, 5, 5],
      g => g.node('Conv', ['data', g.initializer(tensor([6, 2, 3, 3]))], { group: int(2) }),
    ],
    [
      'ConvTranspose in groups',
      [2, 4, 5, 5],
      g =>
        g.node('ConvTranspose', ['data', g.initializer(tensor([4, 3, 3, 3])), g.initializer(tensor([6]))], {
          group: int(2),
          strides: ints([2, 2]),
        }),
    ],
    ['Gemm', [3, 4], g => g.node('Gemm', ['data', g.initializer(tensor([4, 6])), g.initializer(tensor([6]))])],
    ['Gemm, transposed', [3, 4], g => g.node('Gemm', ['data', g.initializer(tensor([6, 4]))], { transB: int(1) })],
  ]
  test.each(cases)('%s', async (_, dims, layer) => {
    const g = new GraphBuilder()
    g.input({ name: 'data', type: 'float32', shape: dims.map((dim, axis) => (axis === 1 ? dim : `d${axis}`)) })
    const statistics = [1, 2, 3].map(seed => g.initializer(tensor([6], seed)))
    const variance = g.initializer(float32([6], [1, 2, 0.5, 4, 1, 3]))
    g.append({
      op: 'BatchNormalization',
      domain: '',
      name: 'y',
      inputs: [layer(g), ...statistics, variance],
      outputs: ['y'],
      attributes: {},
    })
    const graph = g.build('one', [{ name: 'y', type: 'float32', shape: [] }])
    expect(simplify(graph).nodes.length).toBe(1)
    await expectSameOutputs(graph, simplify(graph), dims)
  })
})

test('the shape chains of exporters resolve, with a free batch, too', async () => {
  const g = new GraphBuilder()
  g.input({ name: 'data', type: 'float32', shape: ['N', 4, 3, 5] })
  const axis = { axis: int(0) }
  const batch = g.node('Gather', [g.node('Shape', ['data']), g.integers([0])], axis)
  const target = g.node('Concat', [batch, g.integers([-1])], axis)
  const flat = g.node('Reshape', [g.node('Dropout', [g.node('Identity', ['data'])]), target])
  const weights = g.transpose(g.mul(g.initializer(tensor([6, 60])), g.scalar(0.5)), [1, 0])
  g.node('Relu', [flat])
  g.append({ op: 'MatMul', domain: '', name: 'y', inputs: [flat, weights], outputs: ['y'], attributes: {} })
  const graph = g.build('chain', [{ name: 'y', type: 'float32', shape: ['N', 6] }])
  const simple = simplify(graph)
  expect(ops(simple)).toEqual(['Reshape', 'MatMul'])
  expect(integers(simple.initializers.get(simple.nodes[0]!.inputs[1]!)!)).toEqual([0, -1])
  expect([...simple.initializers.keys()].length).toBe(2)
  await expectSameOutputs(graph, simple, [3, 4, 3, 5])
})

test('an output keeps its name when it is only another name for something', async () => {
  const g = new GraphBuilder()
  g.input({ name: 'data', type: 'float32', shape: ['N', 4] })
  const relu = g.node('Relu', ['data'])
  g.append({ op: 'Identity', domain: '', name: 'y', inputs: [relu], outputs: ['y'], attributes: {} })
  const graph = g.build('named', [{ name: 'y', type: 'float32', shape: ['N', 4] }])
  await expectSameOutputs(graph, simplify(graph), [3, 4])
})
