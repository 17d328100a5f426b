import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { simplify } from '../../electron/engine/onnx/fold.ts'
import { float, type Graph, int } from '../../electron/engine/onnx/graph.ts'
import { normalise } from '../../electron/engine/onnx/normalise.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { feedsOf } from '../fixtures/interpreter/case.ts'
import { expectClose } from '../fixtures/interpreter/derivatives.ts'
import { image, operatorCases } from '../fixtures/interpreter/operator-cases.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { fromTensor } from '../fixtures/interpreter/value.ts'
import { normals } from '../fixtures/random.ts'

/** Operators that exporters apply to weights, and that are computed when a model is read. */
const FOLDED = new Set(
  (
    'Add Sub Mul Div Max Min Neg Exp Abs Sin Cos Sigmoid Tanh Relu Sqrt Log Reciprocal Identity Flatten Transpose Reshape Squeeze ' +
    'Unsqueeze Expand Gather Slice Concat ReduceMean ReduceMax ReduceMin ReduceSum MatMul Resize BatchNormalization'
  ).split(' '),
)
const cases = Object.entries(operatorCases).filter(([name]) => FOLDED.has(name.split(/[ ,]/)[0]!))

describe('a value computed from constants alone is a constant', () => {
  it('of every operator', () => {
    expect(new Set(cases.map(([name]) => name.split(/[ ,]/)[0]!))).toEqual(FOLDED)
  })

  it.each(cases)('%s', (_, { inputs = image, expression, positive = false }) => {
    const feeds = feedsOf(inputs, 8, positive)
    const g = new GraphBuilder()
    const x = g.input({ name: 'data', type: 'float32', shape: [1] })
    const names = Object.values(feeds).map(({ dims, data }) => g.initializer(float32(dims, [...data])))
    const constant = expression(g, ...names)
    const y = g.mul(constant, x)
    const graph = g.build('constants', [{ name: y, type: 'float32', shape: [] }])
    const one = { data: { dims: [1], data: [1] } }
    const simple = simplify(graph)
    expect(simple.nodes.map(({ op }) => op)).toEqual(['Mul'])
    expectClose(interpret(simple, one).get(y)!, interpret(graph, one).get(y)!, 1e-6)
    expect(fromTensor(simple.initializers.get(simple.nodes[0]!.inputs[0]!)!).dims).toEqual(
      interpret(graph, one).get(constant)!.dims,
    )
  })

  it('"to the end" stays the greatest number', () => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'data', type: 'float32', shape: [5] })
    const end = g.node('Unsqueeze', [
      g.initializer({ type: 'int64', dims: [], data: BigInt64Array.of(2n ** 63n - 1n) }),
      g.integers([0]),
    ])
    const y = g.node('Slice', [x, g.integers([2]), end])
    const simple = simplify(g.build('end', [{ name: y, type: 'float32', shape: [] }]))
    expect(simple.initializers.get(simple.nodes[0]!.inputs[2]!)!.data[0]).toBe(2n ** 63n - 1n)
    expect(simple.outputs[0]!.shape).toEqual([3])
  })
})

describe('standardised weights (Qiao et al., 2019) are constants', () => {
  const [outputs, rest] = [6, 12]
  const weights = float32([1, outputs, rest], normals(4, outputs * rest))
  /** A 1 × 1 convolution whose weights the graph standardises. */
  const convolution = (training: boolean): Graph => {
    const g = new GraphBuilder()
    g.input({ name: 'data', type: 'float32', shape: ['N', rest, 'H', 'W'] })
    const scale = g.initializer(float32([outputs], normals(5, outputs)))
    const zero = g.initializer(float32([outputs], normals(6, outputs)))
    const x = g.initializer(weights)
    const over = { axes: { kind: 'ints', value: [0, 2] }, keepdims: int(0) } as const
    const mean = g.node('ReduceMean', [x], over)
    const off = g.sub(x, g.node('ReduceMean', [x], { ...over, keepdims: int(1) }))
    const variance = g.node('ReduceMean', [g.mul(off, off)], over)
    const statistics = training ? [scale, scale] : [mean, variance]
    const standard = g.node('BatchNormalization', [x, scale, zero, ...statistics], {
      epsilon: float(1e-3),
      ...(training && { training_mode: int(1) }),
    })
    const y = g.node('Conv', ['data', g.reshape(standard, [outputs, rest, 1, 1])])
    return g.build('standardised', [{ name: y, type: 'float32', shape: [] }])
  }

  it('by their mean and variance, or by a normalisation in training mode', () => {
    const [stored, own] = [false, true].map(training => simplify(normalise(convolution(training), 'it.onnx')))
    for (const { nodes } of [stored!, own!]) expect(nodes.map(({ op }) => op)).toEqual(['Conv'])
    const [left, right] = [stored!, own!].map(({ nodes, initializers }) => initializers.get(nodes[0]!.inputs[1]!)!)
    expectClose(fromTensor(right!), fromTensor(left!), 1e-6)
    // By hand, of one channel.
    const channel = Array.from({ length: rest }, (_, i) => weights.data[2 * rest + i]!)
    const mean = channel.reduce((sum, value) => sum + value, 0) / rest
    const variance = channel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest
    const [scale, offset] = [normals(5, outputs)[2]!, normals(6, outputs)[2]!]
    for (const [i, value] of channel.entries())
      expect(Number(left!.data[2 * rest + i])).toBeCloseTo(
        ((value - mean) / Math.sqrt(variance + 1e-3)) * scale + offset,
        5,
      )
  })

  it('of images they would be those of the batch, which is refused with the way out', () => {
    const g = new GraphBuilder()
    g.input({ name: 'data', type: 'float32', shape: ['N', 3, 4, 4] })
    const three = [1, 2, 3, 4].map(seed => g.initializer(float32([3], normals(seed, 3))))
    const y = g.node('BatchNormalization', ['data', ...three], { training_mode: int(1) })
    expect(() => normalise(g.build('training', [{ name: y, type: 'float32', shape: [] }]), 'it.onnx')).toThrow(
      'is in training mode: the result for an image would depend on the other images of its batch; export the model in inference mode (model.eval()), and where that changes nothing, give the layer stored statistics (track_running_stats)',
    )
  })
})
