import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { derivative, tangentOf } from '../../electron/engine/autodiff/forward.ts'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { extract, float, type Graph, int, ints } from '../../electron/engine/onnx/graph.ts'
import { inferShapes } from '../../electron/engine/onnx/shapes.ts'
import { elements, float32 } from '../../electron/engine/onnx/tensor.ts'
import { feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import { difference, dot, expectClose, forward, reverse } from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { networks } from '../fixtures/networks.ts'
import { normals, random } from '../fixtures/random.ts'

/** ⟨u, J·t⟩ = ⟨Jᵀ·u, t⟩, whatever the kinks. */
function expectAdjoint(graph: Graph, of: string, wrt: string, dims: readonly number[], seed: number): number {
  const next = random(seed)
  const feeds = { [wrt]: noise(dims, next) }
  const t = noise(dims, next)
  const tangent = forward(graph, of, wrt, feeds, t)
  const u = noise(tangent.dims, next)
  const [back] = reverse(graph, of, [wrt], feeds, u)
  const scale = Math.sqrt(dot(u, u) * dot(tangent, tangent))
  expect(Math.abs(dot(u, tangent) - dot(back!, t))).toBeLessThanOrEqual(1e-6 * scale + 1e-12)
  return scale
}

describe('⟨u, J·t⟩ = ⟨Jᵀ·u, t⟩', () => {
  for (const [name, network] of Object.entries(networks))
    for (const sizes of ['known', 'free'] as const)
      it(`through the ${name} network, of ${sizes} size`, () => {
        const dims = [1, 3, 9, 8]
        const known = { batch: 1, height: 9, width: 8 }
        const { graph, logits } = network(sizes === 'known' ? known : {})
        expect(expectAdjoint(graph, logits, 'data', dims, 4)).toBeGreaterThan(0)
      })

  /** Layers that keep an image an image; the number selects which, and its parameters. */
  const layers: readonly ((g: GraphBuilder, x: string, channels: number, k: number) => string)[] = [
    (g, x) => g.node('Relu', [x]),
    (g, x) => g.node('Sigmoid', [x]),
    (g, x) => g.mul(x, g.node('Tanh', [x])),
    (g, x, channels, k) => {
      const dims = [channels, channels, 1 + (k % 3), 1 + (k % 2)]
      const weights = g.initializer(float32(dims, normals(k, elements(dims), 0.5)))
      return g.node('Conv', [x, weights], {
        auto_pad: { kind: 'string', value: 'SAME_UPPER' },
        strides: ints([1, 1 + (k % 2)]),
      })
    },
    (g, x, _, k) =>
      g.node('MaxPool', [x], {
        kernel_shape: ints([2, 3]),
        strides: ints([1 + (k % 2), 2]),
        pads: ints([1, 1, 1, 1]),
        ceil_mode: int(k % 2),
      }),
    (g, x, _, k) =>
      g.node('AveragePool', [x], {
        kernel_shape: ints([3, 2]),
        strides: ints([1 + (k % 2), 1]),
        pads: ints([1, 1, 1, 1]),
        count_include_pad: int(k % 2),
      }),
    (g, x) => g.node('LRN', [x], { size: int(4), alpha: float(0.5) }),
    (g, x) => g.pad(x, [0, 0, 1, 0, 0, 0, 0, 2], 0.5),
    (g, x) => g.slice(x, [3], [-1], [-(2 ** 31)], [-1]),
    (g, x) => g.sub(x, g.node('ReduceMean', [x], { axes: ints([2, 3]) })),
    (g, x) => g.node('Max', [x, g.neg(x)]),
    (g, x) => g.div(x, g.sqrt(g.add(g.reduceSum(g.mul(x, x), [1], true), g.scalar(0.1)))),
    (g, x) => {
      const [a, b] = g.nodes('Split', [x, g.integers([1, 2])], 2, { axis: int(1) })
      return g.concat([g.node('Tanh', [b!]), a!], 1)
    },
    (g, x) => g.transpose(x, [0, 1, 3, 2]),
  ]

  it('through random chains of rules, of known and of free sizes', () => {
    const chain = fc.array(fc.tuple(fc.nat(layers.length - 1), fc.nat(20)), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(chain, fc.nat(1000), (steps, seed) => {
        const dims = [2, 3, 5, 6]
        for (const sizes of ['known', 'free'] as const) {
          const graph = graphOf(sizes, { x: dims }, (g, x) =>
            steps.reduce((value, [layer, k]) => layers[layer]!(g, value, 3, k), g.mul(x, g.scalar(0.7))),
          )
          expectAdjoint(graph, graph.outputs[0]!.name, 'x', dims, seed)
        }
      }),
      { numRuns: 25 },
    )
  })
})

/** A small network with a value `inner`: x → inner → y, and an operator without a rule beside it. */
function small(): Graph {
  const g = new GraphBuilder()
  const x = g.input({ name: 'x', type: 'float32', shape: ['N', 2, 'H', 'W'] })
  const weights = g.initializer(float32([3, 2, 3, 3], normals(3, 54)))
  g.append({ op: 'Conv', domain: '', name: 'first', inputs: [x, weights], outputs: ['inner'], attributes: {} })
  g.append({ op: 'Relu', domain: '', name: 'second', inputs: ['inner'], outputs: ['active'], attributes: {} })
  const sum = g.reduceSum(g.mul('active', 'active'), [2, 3], false)
  g.append({ op: 'Tanh', domain: '', name: 'last', inputs: [sum], outputs: ['y'], attributes: {} })
  g.append({ op: 'Hardmax', domain: '', name: 'strange', inputs: ['active'], outputs: ['aside'], attributes: {} })
  g.append({ op: 'Add', domain: '', name: 'late', inputs: ['aside', 'active'], outputs: ['z'], attributes: {} })
  return g.build('small', [{ name: 'y', type: 'float32', shape: ['N', 3] }])
}
const dims = [2, 2, 4, 5]
const named = (graph: Graph, name: string) => ({ ...inferShapes(graph).get(name)!, name })
const ops = (graph: Graph): string[] => graph.nodes.map(node => node.op)

describe('gradient', () => {
  const graph = extract(small(), [named(small(), 'y')])
  const feeds = feedsOf({ x: dims }, 2)

  it('keeps the outputs, and adds one for each variable, in its shape', () => {
    const result = gradient(graph, { of: 'y', wrt: ['x', 'inner'] })
    expect(result.outputs.map(({ name, shape }) => ({ name, rank: shape.length }))).toEqual([
      { name: 'y', rank: 2 },
      { name: gradientOf('x'), rank: 4 },
      { name: gradientOf('inner'), rank: 4 },
    ])
    const values = interpret(lower(result), feeds)
    expect(values.get(gradientOf('x'))!.dims).toEqual(dims)
    expect(values.get(gradientOf('inner'))!.dims).toEqual(values.get('inner')!.dims)
    expect(values.get('y')).toEqual(interpret(graph, feeds).get('y'))
  })
  it('without a seed is the gradient of the sum', () => {
    const ones = { dims: [2, 3], data: [1, 1, 1, 1, 1, 1] }
    const [seeded] = reverse(graph, 'y', ['x'], feeds, ones)
    expectClose(interpret(lower(gradient(graph, { of: 'y', wrt: ['x'] })), feeds).get(gradientOf('x'))!, seeded!)
  })
  it('of a value with respect to itself is the seed', () => {
    const u = noise(dims, random(1))
    expect(reverse(graph, 'x', ['x'], feeds, u)[0]).toEqual(u)
  })
  it('of a value that the objective does not depend on is zero, beside one that it does', () => {
    const two = graphOf('known', { a: [2], b: [3] }, (g, a, b) =>
      g.add(g.reduceSum(a, [0], false), g.reduceSum(b, [0], false)),
    )
    const onlyA = two.nodes[0]!.outputs[0]!
    const [, b] = reverse(two, onlyA, ['a', 'b'], feedsOf({ a: [2], b: [3] }, 1), { dims: [], data: [1] })
    expect(b).toEqual({ dims: [3], data: [0, 0, 0] })
  })
  it('differentiates nothing before an intermediate variable, and nothing after the objective', () => {
    const whole = ops(gradient(small(), { of: 'active', wrt: ['inner'] })).slice(small().nodes.length)
    expect(whole.filter(op => op === 'Conv' || op === 'Tanh')).toEqual([])
    const none = gradient(graph, { of: 'y', wrt: ['inner'] }).nodes.slice(graph.nodes.length)
    expect(none.filter(node => node.op === 'Conv')).toEqual([])
  })
  it('adds no more nodes than it must', () => {
    const plain = graphOf('known', { x: [2, 3] }, (g, x) => g.reduceSum(g.node('Relu', [x]), [0, 1], false))
    const added = ops(gradient(plain, { of: plain.outputs[0]!.name, wrt: ['x'] })).slice(2)
    expect(added.length).toBeLessThanOrEqual(6)
  })
  it('gives equal graphs for equal calls', () => {
    expect(gradient(graph, { of: 'y', wrt: ['x'] })).toEqual(gradient(graph, { of: 'y', wrt: ['x'] }))
  })
})

describe('derivative', () => {
  const graph = extract(small(), [named(small(), 'y')])
  it('starts at an inner value that the graph is cut at', () => {
    const cut = extract(graph, graph.outputs, [named(graph, 'inner')])
    const inner = [2, 3, 2, 3]
    const feeds = feedsOf({ inner }, 3)
    const t = noise(inner, random(8))
    expectClose(forward(cut, 'y', 'inner', feeds, t), difference(cut, 'y', 'inner', feeds, t))
    expect(ops(derivative(cut, { of: ['y'], wrt: 'inner', tangent: 't' }))).not.toContain('Conv')
  })
  it('of several values, an inner one among them', () => {
    const result = derivative(graph, { of: ['y', 'inner'], wrt: 'x', tangent: 't' })
    expect(result.inputs.map(input => input.name)).toEqual(['x', 't'])
    expect(result.outputs.map(output => output.name)).toEqual(['y', tangentOf('y'), tangentOf('inner')])
  })
})

describe('operators without a derivative are reported in a sentence', () => {
  it('an operator without a rule, only when it is between variable and objective', () => {
    expect(() => gradient(small(), { of: 'y', wrt: ['x'] })).not.toThrow()
    expect(() => gradient(small(), { of: 'z', wrt: ['x'] })).toThrow(UserError)
    expect(() => gradient(small(), { of: 'z', wrt: ['x'] })).toThrow(/Hardmax "strange"/)
    expect(() => derivative(small(), { of: ['z'], wrt: 'x', tangent: 't' })).toThrow(/Hardmax "strange"/)
  })
  it('a name that is not there, and an objective that does not depend', () => {
    expect(() => gradient(small(), { of: 'nothing', wrt: ['x'] })).toThrow(/"nothing"/)
    expect(() => gradient(small(), { of: 'inner', wrt: ['y'] })).toThrow(/"inner".*does not depend on "y"/)
  })
  it('nothing passes through comparisons and shapes', () => {
    const graph = graphOf('free', { x: [2, 3] }, (g, x) =>
      g.mul(x, g.node('Cast', [g.greater(x, g.scalar(0))], { to: int(1) })),
    )
    const feeds = { x: noise([2, 3], random(2)) }
    const u = noise([2, 3], random(1))
    const [dx] = reverse(graph, graph.outputs[0]!.name, ['x'], feeds, u)
    expect(dx!.data).toEqual(u.data.map((value, i) => (feeds.x.data[i]! > 0 ? value : value * 0)))
  })
})

describe('redirected ReLU', () => {
  const graph = graphOf('free', { x: [3, 1, 4] }, (g, x) => g.node('Relu', [x]))
  const y = graph.outputs[0]!.name
  const run = (on: number): readonly number[] => {
    const result = lower(gradient(graph, { of: y, seed: 'd', wrt: ['x'], relu: { redirectedWhile: 'on' } }))
    const x = { dims: [3, 1, 4], data: [-1, -2, -3, -4, -1, 2, -3, 4, -1, 2, 3, 4] }
    const d = { dims: [3, 1, 4], data: [1, -1, 2, -2, 1, 1, 1, 1, 5, 0, 0, 0] }
    const values = interpret(result, { x, d, on: { dims: [], data: [on] } })
    return values.get(gradientOf('x'))!.data.map(value => value + 0)
  }
  it('passes gradients that raise a negative input, where the gradient of one element of the batch is zero', () => {
    expect(run(1)).toEqual([1, 0, 2, 0, 0, 1, 0, 1, 5, 0, 0, 0])
  })
  it('is the exact one while its switch is off', () => {
    expect(run(0)).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0])
  })
  it('may be switched by a value of the graph', () => {
    const g = new GraphBuilder()
    const x = g.input({ name: 'x', type: 'float32', shape: [1, 4] })
    const step = g.input({ name: 'step', type: 'float32', shape: [] })
    const early = g.node('Less', [step, g.scalar(16)])
    const value = g.node('Relu', [x])
    const own = g.build('own', [{ name: value, type: 'float32', shape: [1, 4] }])
    const result = gradient(own, { of: value, wrt: ['x'], relu: { redirectedWhile: early } })
    expect(result.inputs.map(input => input.name)).toEqual(['x', 'step'])
  })
})
