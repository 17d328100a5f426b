import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { extract, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { inferShapes } from '../../electron/engine/onnx/shapes.ts'
import { elements, float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { networks } from '../fixtures/networks.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

/** Runs a graph on images of a size, fetches every value, and holds the inferred shapes against the real ones. */
async function holds(graph: Graph, dims: readonly number[]): Promise<void> {
  const values = graph.nodes.flatMap(node => node.outputs).filter(Boolean)
  const free = inferShapes(graph)
  const bound = inferShapes(graph, { bound: { data: dims } })
  const all = extract(
    graph,
    values.map(name => ({ name, type: bound.get(name)!.type, shape: [] })),
  )
  const program = await runtime.load(all)
  const results = await program.run({ data: float32(dims) })
  await program.release()
  const lengths = new Map<string, number>()
  for (const name of values) {
    const real = results[name]!
    expect({ name, type: bound.get(name)!.type, shape: bound.get(name)!.shape }).toEqual({
      name,
      type: real.type,
      shape: real.dims,
    })
    // Of unknown lengths, equal names are equal lengths; known ones are right.
    const shape = free.get(name)!.shape
    expect(shape.length).toBe(real.dims.length)
    for (const [axis, dim] of shape.entries()) {
      const length = real.dims[axis]!
      const expected = typeof dim === 'number' ? dim : (lengths.get(dim) ?? length)
      expect({ name, axis, dim, length }).toEqual({ name, axis, dim, length: expected })
      if (typeof dim === 'string') lengths.set(dim, length)
    }
    const content = bound.get(name)!.content
    if (content) expect(content).toEqual(Array.from(real.data as ArrayLike<unknown>, Number))
  }
}

describe.each(Object.entries(networks))('shapes of %s are those of a run', (_, build) => {
  test.each([
    [2, 3, 32, 32],
    [1, 3, 33, 41],
    [1, 3, 46, 39],
  ])('on [%i, %i, %i, %i]', async (...dims) => holds(build().graph, dims))
})

describe('windows', () => {
  const cases = [1, 2, 3].flatMap(stride =>
    [2, 3, 4].flatMap(kernel =>
      [0, 1].flatMap(before =>
        [0, 1].flatMap(ceil => [1, 2].map(dilation => ({ stride, kernel, before, ceil, dilation }))),
      ),
    ),
  )
  test.each(cases)('%o', async ({ stride, kernel, before, ceil, dilation }) => {
    const g = new GraphBuilder()
    g.input({ name: 'data', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const attributes = {
      kernel_shape: ints([kernel, kernel]),
      strides: ints([stride, stride]),
      pads: ints([before, 0, 1, before]),
    }
    g.node('MaxPool', ['data'], { ...attributes, ceil_mode: int(ceil), dilations: ints([dilation, dilation]) })
    g.node('AveragePool', ['data'], { ...attributes, ceil_mode: int(ceil) })
    const weight = (dims: readonly number[]) => g.initializer(float32(dims))
    g.node('Conv', ['data', weight([2, 3, kernel, kernel])], { ...attributes, dilations: ints([dilation, dilation]) })
    g.node('ConvTranspose', ['data', weight([3, 2, kernel, kernel])], {
      ...attributes,
      dilations: ints([dilation, dilation]),
      ...(stride > 1 && { output_padding: ints([1, 0]) }),
    })
    for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID'])
      g.node('Conv', ['data', weight([2, 3, kernel, kernel])], {
        strides: ints([stride, stride]),
        kernel_shape: ints([kernel, kernel]),
        auto_pad: string(auto),
      })
    await holds(g.build('windows', []), [1, 3, 11, 14])
  })
})

test('operators that move, cut and compute lengths', async () => {
  const g = new GraphBuilder()
  const x = g.input({ name: 'data', type: 'float32', shape: ['N', 6, 'H', 'W'] })
  const axis = (value: number) => ({ axis: int(value) })
  const shape = g.node('Shape', [x])
  const height = g.node('Gather', [shape, g.integers([2])], axis(0))
  const half = g.node('Div', [height, g.integers([2])])
  g.node('Expand', [g.scalar(1), shape])
  g.node('ConstantOfShape', [g.node('Concat', [half, g.node('Add', [height, g.integers([3])])], axis(0))])
  g.node('Reshape', [
    x,
    g.node('Concat', [g.node('Slice', [shape, g.integers([0]), g.integers([1])]), g.integers([-1])], axis(0)),
  ])
  g.reshape(x, [0, 3, 2, -1])
  g.reshape(x, [-1, 6])
  g.slice(x, [2, 3], [1, 0], [-1, Number.MAX_SAFE_INTEGER], [1, 2])
  g.slice(x, [1, 3], [-1, 1], [-7, 5], [-2, 2])
  g.node('Slice', [x, g.integers([0]), half, g.integers([2])])
  g.pad(x, [0, 0, 1, 2, 0, 0, 3, 0])
  g.slice(g.pad(x, [0, 0, 1, 0, 0, 0, 1, 0]), [2], [1], [-1])
  g.transpose(x, [0, 2, 3, 1])
  g.node('Flatten', [x], axis(2))
  g.node('Split', [x], { axis: int(1) })
  g.nodes('Split', [x, g.integers([1, 5])], 2, axis(1))
  g.node('Unsqueeze', [g.node('ReduceMean', [x], { axes: ints([1, -1]), keepdims: int(0) }), g.integers([0, -1])])
  g.reduceSum(x, [2, 3], false)
  g.node('ReduceMax', [x], { keepdims: int(0) })
  g.node('ArgMax', [x], axis(1))
  g.node('Squeeze', [g.reduceSum(x, [1], true), g.integers([1])])
  g.node('Tile', [x, g.integers([1, 2, 1, 3])])
  g.node(
    'Range',
    ['zero', 'rows', 'one'].map((_, i) => (i === 1 ? g.node('Squeeze', [height]) : g.shared(int64([i / 2], [])))),
  )
  g.node('DepthToSpace', [g.slice(x, [1], [0], [4])], { blocksize: int(2) })
  g.where(g.greater(x, g.scalar(0)), x, g.scalar(0))
  g.node('Cast', [g.node('And', [g.greater(x, g.scalar(0)), g.node('Not', [g.node('Less', [x, g.scalar(1)])])])], {
    to: int(1),
  })
  g.matmul(x, g.initializer(float32([14, 5])))
  g.node('Mul', [x, g.initializer(float32([6, 1, 1]))])
  g.node('Where', [g.node('Equal', [shape, g.integers([-1])]), g.integers([1]), shape])
  const graph = g.build('lengths', [])
  expect(graph.nodes.every(node => node.outputs.every(output => inferShapes(graph).has(output)))).toBe(true)
  await holds(graph, [2, 6, 10, 14])
})

/** Pads as torch writes them from operator set 11 on: [last axis first, before and after] reversed by constants. */
function torchPads(g: GraphBuilder, pads: string, count: number): string {
  const axis = { axis: int(0) }
  const rest = g.node('ConstantOfShape', [g.integers([8 - count])], {
    value: { kind: 'tensor', value: int64([0]) },
  })
  const pairs = g.reshape(g.node('Concat', [pads, rest], axis), [-1, 2])
  const turned = g.slice(pairs, [0], [-1], [-Number.MAX_SAFE_INTEGER], [-1])
  return g.node('Cast', [g.reshape(g.transpose(turned, [1, 0]), [-1])], { to: int(7) })
}

test('pads as torch writes them are constants, and those of "same" padding follow from the size', async () => {
  const g = new GraphBuilder()
  const x = g.input({ name: 'data', type: 'float32', shape: ['N', 3, 'H', 'W'] })
  const fixed = g.node('Pad', [x, torchPads(g, g.integers([1, 2, 3, 4]), 4), ''])
  const edge = g.node('Gather', [g.node('Shape', [x]), g.integers([2])], { axis: int(0) })
  // max((⌈h/2⌉ − 1)·2 + 3 − h, 0), by the detour through floating point that the exporter takes.
  const exact = g.div(g.node('Cast', [edge], { to: int(1) }), g.scalar(2))
  const windows = g.node('Cast', [g.node('Ceil', [exact])], { to: int(7) })
  const covered = g.add(g.mul(g.sub(windows, g.integers([1])), g.integers([2])), g.integers([3]))
  const total = g.node('Max', [g.sub(covered, edge), g.integers([0])])
  const before = g.div(total, g.integers([2]))
  const sides = g.node('Concat', [before, g.sub(total, before)], { axis: int(0) })
  const same = g.node('Pad', [x, torchPads(g, sides, 2), ''])
  // As timm has it: bounded below by Clip, between floating point and back.
  const clipped = g.node('Clip', [g.node('Cast', [g.sub(covered, edge)], { to: int(1) }), g.scalar(0)])
  const half = g.node('Cast', [g.div(clipped, g.scalar(2))], { to: int(7) })
  const rest = g.sub(g.node('Cast', [clipped], { to: int(7) }), half)
  const timm = g.node('Pad', [x, torchPads(g, g.node('Concat', [half, rest], { axis: int(0) }), 2), ''])
  const bounded = g.node('Clip', [clipped, '', g.scalar(1)])
  const graph = g.build('pads', [])
  expect(inferShapes(graph).get(fixed)!.shape[0]).toBe('N')
  expect(inferShapes(graph).get(same)!.shape.slice(0, 3)).toEqual(['N', 3, 'H'])
  expect(inferShapes(graph).get(timm)!.shape.slice(0, 3)).toEqual(['N', 3, 'H'])
  const known = inferShapes(graph, { bound: { data: [1, 3, 11, 14] } })
  for (const padded of [same, timm]) expect(known.get(padded)!.shape).toEqual([1, 3, 11, 16])
  expect(known.get(bounded)!.content).toEqual([1])
  const folded = simplify({ ...graph, outputs: [{ name: fixed, type: 'float32', shape: [] }] })
  expect(folded.nodes.map(node => node.op)).toEqual(['Pad'])
  expect([...folded.initializers.get(folded.nodes[0]!.inputs[1]!)!.data]).toEqual([0n, 0n, 3n, 1n, 0n, 0n, 4n, 2n])
  await holds(graph, [2, 3, 11, 14])
  await holds(graph, [1, 3, 16, 9])
})

test('operations on small integer arrays are evaluated', async () => {
  const step = fc.tuple(fc.nat(8), fc.nat(100))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async steps => {
      const g = new GraphBuilder()
      g.node('Relu', [g.input({ name: 'data', type: 'float32', shape: ['N', 3] })])
      const table = Array.from({ length: 12 }, (_, i) => (i * 7) % 11)
      let [value, dims] = [g.shared(int64(table, [3, 4])), [3, 4]]
      for (const [kind, k] of steps) {
        const axis = k % 2
        const other = 1 - axis
        if (kind === 0) value = g.transpose(value, [1, 0])
        else if (kind === 1) value = g.slice(value, [axis], [-1], [-Number.MAX_SAFE_INTEGER], [-1])
        else if (kind === 2 && dims[axis]! > 1) value = g.slice(value, [axis - 2], [1], [k % 3 ? 100 : -1], [1])
        else if (kind === 3) value = g.node('Concat', [value, value], { axis: int(axis) })
        else if (kind === 4) value = g.node('Gather', [value, g.integers([-1, 0])], { axis: int(axis) })
        else if (kind === 5) value = g.add(value, g.integers([k]))
        else if (kind === 6) value = g.node('Mod', [value, g.integers([3])])
        else if (kind === 7) value = g.node('Div', [g.neg(value), g.integers([2])])
        else value = g.node('Expand', [g.node('Unsqueeze', [value, g.integers([other])]), g.integers([1, 1, 1])])
        const shape = inferShapes(g.build('arrays', [])).get(value)!.shape.map(Number)
        if (shape.length === 3) value = g.reshape(value, [shape[0]! * shape[1]!, shape[2]!])
        dims = inferShapes(g.build('arrays', [])).get(value)!.shape.map(Number)
        if (dims.some(dim => dim === 0) || dims[0]! * dims[1]! > 32) break
      }
      const graph = g.build('arrays', [])
      expect(inferShapes(graph).get(value)!.content).toBeDefined()
      await holds(graph, [1, 3])
    }),
    { numRuns: 30 },
  )
})

test('branches that halve an image by different kernels have the same unknown lengths', () => {
  const { graph } = networks.residual()
  const shapes = inferShapes(graph)
  expect(shapes.get('block2/b')!.shape).toEqual(shapes.get('block2/skip')!.shape)
  expect(shapes.get('block2/b')!.shape.slice(2)).not.toEqual(['H', 'W'])
})

test('values after an unknown operator are omitted, and incompatible operands are reported', () => {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape: [2, 3] })
  const odd = g.node('Twirl', ['x'], {}, 'com.example')
  const after = g.node('Relu', [odd])
  const relu = g.node('Relu', ['x'])
  const shapes = inferShapes(g.build('odd', []))
  expect([odd, after, relu].map(name => shapes.has(name))).toEqual([false, false, true])
  g.add('x', g.initializer(float32([4], new Float32Array(elements([4])))))
  expect(() => inferShapes(g.build('odd', []))).toThrow(/Add .* cannot take \[2, 3\], \[4\]: 3 and 4 do not broadcast/)
})
