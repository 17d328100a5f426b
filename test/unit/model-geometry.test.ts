import { describe, expect, test } from 'vitest'
import { measure } from '../../electron/engine/model/geometry.ts'
import { proposeSidecar } from '../../electron/engine/model/init.ts'
import { classifierOf, runsAtAnySize } from '../../electron/engine/model/load.ts'
import { widen } from '../../electron/engine/model/widen.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Dim, type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32, integers } from '../../electron/engine/onnx/tensor.ts'
import { modelFile, proposedClassifier } from '../fixtures/classifier.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { networks } from '../fixtures/networks.ts'
import { normals, random } from '../fixtures/random.ts'

/** A pool to `units` each way, a reshape to a target, and a linear layer: the end that Caffe's models have. */
function fixedEnd(shape: readonly Dim[], target: readonly number[]): Graph {
  const g = new GraphBuilder()
  g.input({ name: 'x', type: 'float32', shape })
  const conv = g.node('Conv', ['x', g.initializer(float32([4, 3, 3, 3]))], {
    strides: ints([2, 2]),
    pads: ints([1, 1, 1, 1]),
  })
  const pool = g.node('AveragePool', [conv], { kernel_shape: ints([8, 8]) })
  const flat = g.reshape(pool, target)
  const logits = g.node('Gemm', [flat, g.initializer(float32([4, 5]))])
  g.append({
    op: 'Softmax',
    domain: '',
    name: 'prob',
    inputs: [logits],
    outputs: ['prob'],
    attributes: { axis: int(1) },
  })
  return g.build('fixed', [{ name: 'prob', type: 'float32', shape: ['N', 5] }])
}

describe('receptive fields follow the recurrence', () => {
  test('a chain of known kernels, strides and dilations', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const weight = (k: number) => g.initializer(float32([3, 3, k, k]))
    const a = g.node('Conv', ['x', weight(7)], { strides: ints([2, 2]), pads: ints([3, 3, 3, 3]) })
    const b = g.node('MaxPool', [a], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) })
    const c = g.node('Conv', [b, weight(3)], { dilations: ints([2, 2]), pads: ints([2, 2, 2, 2]) })
    const d = g.node('Conv', [b, weight(1)])
    const e = g.node('Concat', [d, c], { axis: int(1) })
    const f = g.node('GlobalAveragePool', [e])
    const graph = g.build('chain', [{ name: f, type: 'float32', shape: ['N', 6, 1, 1] }])
    const at = measure(graph, 'x', { height: 64, width: 64 })
    expect(at.get(a)).toEqual({ channels: 3, height: 32, width: 32, stride: 2, receptiveField: 7 })
    expect(at.get(b)).toEqual({ channels: 3, height: 16, width: 16, stride: 4, receptiveField: 7 + 2 * 2 })
    expect(at.get(c)).toMatchObject({ stride: 4, receptiveField: 11 + 4 * 4 })
    expect(at.get(d)).toMatchObject({ stride: 4, receptiveField: 11 })
    expect(at.get(e)).toEqual({ channels: 6, height: 16, width: 16, stride: 4, receptiveField: 27 })
    expect(at.get(f)).toMatchObject({ height: 1, stride: 64, receptiveField: 64 })
  })

  test('an upsampled grid joins one of its resolution, also where its lengths are read from a coarser one', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const weight = g.initializer(float32([3, 3, 3, 3]))
    const half = (x: string) => g.node('Conv', [x, weight], { strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) })
    const fine = half('x')
    const coarse = half(fine)
    const resize = (x: string, mode: string, size: readonly string[]) =>
      g.node('Resize', [x, ...size], { mode: { kind: 'string', value: mode } })
    const twice = resize(coarse, 'nearest', ['', g.shared(float32([4], [1, 1, 2, 2]))])
    const sum = g.add(fine, twice)
    const back = resize(sum, 'linear', ['', '', g.node('Shape', [half(coarse)])])
    const graph = g.build('pyramid', [{ name: back, type: 'float32', shape: ['N', 3, 'h', 'w'] }])
    const at = measure(graph, 'x', { height: 64, width: 64 })
    expect(at.get(coarse)).toMatchObject({ stride: 4, receptiveField: 7 })
    expect(at.get(twice)).toMatchObject({ height: 32, stride: 2, receptiveField: 7 })
    expect(at.get(sum)).toMatchObject({ height: 32, stride: 2, receptiveField: 7 })
    expect(at.get(back)).toMatchObject({ height: 8, stride: 8, receptiveField: 9 })
  })

  test('channels at positions are layers, in any order of the axes: no heads, no attention, no single units of a batch', () => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape: ['N', 3, 'H', 'W'] })
    const conv = g.node('Conv', ['x', g.initializer(float32([8, 3, 4, 4]))], { strides: ints([4, 4]) })
    const last = g.transpose(conv, [0, 2, 3, 1])
    const dense = g.matmul(last, g.initializer(float32([8, 8])))
    const back = g.transpose(dense, [0, 3, 1, 2])
    const tokens = g.transpose(g.reshape(back, [0, 2, 4, 256]), [0, 1, 3, 2])
    const attention = g.matmul(tokens, g.transpose(tokens, [0, 1, 3, 2]))
    const planes = g.reshape(back, [-1, 1, 16, 16])
    const end = g.reshape(planes, [-1, 8, 16, 16])
    const found = measure(g.build('mixed', [{ name: end, type: 'float32', shape: [] }]), 'x', { height: 64, width: 64 })
    expect([...found.keys()]).toEqual([conv, last, dense, back, end])
    const { layout, ...same } = found.get(dense)!
    expect(same).toEqual(found.get(conv))
    expect(layout).toEqual({ batch: 0, channels: 3, positions: [1, 2], columnsFirst: false, single: [] })
    for (const name of [tokens, attention, planes]) expect(found.has(name)).toBe(false)
    expect(found.get(end)).toMatchObject({ channels: 8, height: 16, width: 16 })
  })

  test('the gates of squeeze-and-excitation do not extend the receptive field', () => {
    const { graph, size } = networks.squeeze()
    expect(measure(graph, 'data', { height: size, width: size }).get('block1')).toMatchObject({
      stride: 2,
      receptiveField: 3,
    })
  })
})

describe('a size or batch that the file fixes becomes free', () => {
  const cases: [string, Dim[], number[]][] = [
    ['a batch of 1', [1, 3, 16, 16], [1, 4]],
    ['a batch to be guessed', ['N', 3, 16, 16], [-1, 4]],
    ['a batch of 1, the rest to be guessed', [1, 3, 16, 16], [1, -1]],
    ['a batch of 2', [2, 3, 16, 16], [2, 4]],
  ]
  test.each(cases)('%s is kept', (_, shape, target) => {
    const graph = fixedEnd(shape, target)
    const wide = widen(graph, { height: 16, width: 16 }, 'net.onnx')
    expect(wide.inputs[0]!.shape).toEqual(['N', 3, 'H', 'W'])
    const reshape = wide.nodes.find(node => node.op === 'Reshape')!
    expect(integers(wide.initializers.get(reshape.inputs[1]!)!)[0]).toBe(0)
  })

  /** A convolution to half the size, a body, a global mean and a linear layer. */
  const around = (shape: readonly Dim[], body: (g: GraphBuilder, x: string) => string): Graph => {
    const g = new GraphBuilder()
    g.input({ name: 'x', type: 'float32', shape })
    const conv = g.node('Conv', ['x', g.initializer(float32([8, 3, 2, 2], normals(1, 96)))], { strides: ints([2, 2]) })
    g.append({ op: 'Tanh', domain: '', name: 'layer', inputs: [body(g, conv)], outputs: ['layer'], attributes: {} })
    const flat = g.node('Flatten', [g.node('GlobalAveragePool', ['layer'])])
    const end = g.node('Gemm', [flat, g.initializer(float32([8, 5]))])
    return g.build('around', [{ name: end, type: 'float32', shape: ['N', 5] }])
  }
  const sidecarOf = (graph: Graph) => ({
    ...proposeSidecar(modelFile(graph)),
    logits: graph.outputs[0]!.name,
    layers: { layer: 'layer' },
  })
  const shuffled = (g: GraphBuilder, x: string): string =>
    g.reshape(g.transpose(g.reshape(x, [1, 2, 4, 8, 8]), [0, 2, 1, 3, 4]), [1, 8, 8, 8])
  const gated = (g: GraphBuilder, x: string): string => {
    const [h, w] = [2, 3].map(axis => g.node('Shape', [x], { start: int(axis), end: int(axis + 1) }))
    const area = g.node('Cast', [g.mul(h!, w!)], { to: int(1) })
    return g.mul(x, g.div(g.reduceSum(x, [2, 3], true), area))
  }
  const upper = (g: GraphBuilder, x: string): string => {
    const half = g.div(g.node('Shape', [x], { start: int(2), end: int(3) }), g.integers([2]))
    return g.node('Slice', [x, g.integers([0]), half, g.integers([2])])
  }

  test.each([
    ['channels that are shuffled by lengths of the file', [1, 3, 16, 16], shuffled],
    ['a gate by a sum over a computed area', ['N', 3, 'H', 'W'], gated],
    ['the upper half of the rows', ['N', 3, 'H', 'W'], upper],
  ] as const)('%s: every size is what it is by itself', (_, shape, body) => {
    const loaded = classifierOf(modelFile(around(shape, body)), sidecarOf(around(shape, body)))
    expect(runsAtAnySize(loaded)).toBe(true)
    for (const size of [16, 12, 20]) {
      const units = size / 2
      const own = around(['N', 3, 'H', 'W'], (g, x) =>
        body === shuffled
          ? g.reshape(g.transpose(g.reshape(x, [-1, 2, 4, units, units]), [0, 2, 1, 3, 4]), [-1, 8, units, units])
          : body(g, x),
      )
      const image = noise([2, 3, size, size], random(size))
      const expected = interpret(own, { x: image }).get('layer')!
      expect(interpret(loaded.graph, { x: image }).get('layer')).toEqual(expected)
    }
  })

  test('an end that is tied to the size is known to be, one with a global pool is not', () => {
    expect(runsAtAnySize(proposedClassifier(fixedEnd([1, 3, 16, 16], [1, 4])))).toBe(false)
    for (const make of Object.values(networks)) expect(runsAtAnySize(proposedClassifier(make().graph))).toBe(true)
  })

  test('a size that does not fit is an error with a way out', () => {
    const sidecar = proposeSidecar(modelFile(fixedEnd([1, 3, 16, 16], [1, 4])))
    const other = { ...sidecar, input: { ...sidecar.input, size: 40 } }
    expect(() => classifierOf(modelFile(fixedEnd([1, 3, 16, 16], [1, 4])), other)).toThrow(
      /net\.onnx.*40 × 40.*correct "input.size"/,
    )
  })
})
