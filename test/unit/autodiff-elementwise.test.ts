import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attributes, float } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { expectRule } from '../fixtures/interpreter/case.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

describe('rules of functions of one number agree with differences', () => {
  const unary: readonly (readonly [op: string, attributes?: Attributes])[] = [
    ...['Neg', 'Exp', 'Abs', 'Sin', 'Cos', 'Erf', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign', 'Relu'],
    ...['LeakyRelu', 'Elu', 'Selu', 'HardSigmoid', 'HardSwish', 'Identity', 'Dropout'],
  ].map((op): readonly [string] => [op])
  const withAttributes: typeof unary = [
    ['LeakyRelu', { alpha: float(0.3) }],
    ['LeakyRelu', { alpha: float(-0.3) }],
    ['LeakyRelu', { alpha: float(0) }],
    ['Elu', { alpha: float(0.7) }],
    ['Selu', { alpha: float(1.2), gamma: float(0.8) }],
    ['HardSigmoid', { alpha: float(0.9), beta: float(0.4) }],
  ]
  for (const [op, attributes = {}] of [...unary, ...withAttributes])
    it(`${op} ${Object.entries(attributes).map(([name, { value }]) => `${name} ${value}`)}`, () => {
      fc.assert(
        fc.property(seeds, seed => expectRule({ x: [2, 3, 4] }, (g, x) => g.node(op, [x], attributes), { seed })),
        { numRuns: 5 },
      )
    })
  for (const op of ['Sqrt', 'Log', 'Reciprocal'])
    it(`${op} of positive numbers`, () => {
      expectRule({ x: [2, 3, 4] }, (g, x) => g.node(op, [x]), { positive: true })
    })
  it('HardSwish beyond its bounds', () => {
    expectRule({ x: [2, 3, 4] }, (g, x) => g.node('HardSwish', [g.mul(x, g.scalar(3))]))
  })
  for (const exponent of [2, 3, 0.5, 1, -0.75, -1])
    it(`Pow ${exponent}`, () => {
      expectRule({ x: [2, 3, 4] }, (g, x) => g.pow(x, exponent), { positive: true })
    })
  for (const [low, high] of [
    [-1, 1],
    [undefined, 0.5],
    [0, undefined],
    [undefined, undefined],
  ])
    it(`Clip ${low ?? ''} … ${high ?? ''}`, () => {
      expectRule({ x: [2, 3, 4] }, (g, x) => {
        const [lower, upper] = [low, high].map(bound => (bound === undefined ? '' : g.scalar(bound)))
        return g.node('Clip', [x, lower!, upper!])
      })
    })
  it('PRelu with a slope for each channel', () => {
    expectRule({ x: [2, 3, 4, 2] }, (g, x) => g.node('PRelu', [x, g.initializer(float32([3, 1, 1], [0.1, -0.4, 0.7]))]))
  })
})

describe('rules of operators that broadcast agree with differences', () => {
  /** Dims of two operands that fit: each axis of the common dims may be 1 or, in front, missing. */
  const pairs = fc
    .tuple(fc.array(fc.integer({ min: 2, max: 3 }), { minLength: 1, maxLength: 4 }), fc.nat(4), fc.nat(15), fc.nat(15))
    .map(([dims, missing, ones, others]) => {
      const some = (mask: number): number[] => dims.map((dim, axis) => ((mask >> axis) & 1 ? 1 : dim))
      return { a: some(ones), b: some(others).slice(Math.min(missing, dims.length)) }
    })
  const swapped = fc.tuple(pairs, fc.boolean()).map(([{ a, b }, swap]) => (swap ? { a: b, b: a } : { a, b }))
  for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum'])
    it(op, () => {
      fc.assert(
        fc.property(swapped, seeds, (inputs, seed) =>
          expectRule(inputs, (g, a, b) => g.node(op, [a, b]), { seed, positive: op === 'Div' }),
        ),
        { numRuns: 25 },
      )
    })
  for (const op of ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'])
    for (const constant of [0, 1])
      it(`${op} with a constant ${['before', 'after'][constant]}, which needs no derivative`, () => {
        expectRule(
          { x: [2, 3, 1] },
          (g, x) => {
            const c = g.initializer(float32([1, 3, 4], [0.31, 1.7, -0.3, 0.9, 2, -1.1, 0.4, 1.3, -2, -0.7, 0.2, 0.6]))
            return g.node(op, constant === 0 ? [c, x] : [x, c])
          },
          { positive: op === 'Div' },
        )
      })
  it('Max, Min and Sum of three', () => {
    for (const op of ['Max', 'Min', 'Sum'])
      expectRule({ a: [2, 1, 3], b: [3], c: [2, 2, 1] }, (g, a, b, c) => g.node(op, [a, b, c]))
  })
  it('a value used twice, by itself', () => {
    expectRule({ x: [2, 3] }, (g, x) => g.mul(x, g.mul(x, x)))
  })
  it('Where', () => {
    expectRule({ a: [2, 3], b: [3] }, (g, a, b) => g.where(g.greater(b, g.scalar(0)), a, b))
    expectRule({ a: [1], b: [2, 3] }, (g, a, b) => g.where(g.greater(b, g.scalar(0)), a, b))
    expectRule({ a: [2, 1, 3] }, (g, a) =>
      g.where(g.greater(a, g.scalar(0)), a, g.initializer(float32([4, 1], [1, 2, 3, 4]))),
    )
  })
})

describe('ties', () => {
  it('Max and Min give to the first of equals', async () => {
    const { graphOf } = await import('../fixtures/interpreter/case.ts')
    const { reverse } = await import('../fixtures/interpreter/derivatives.ts')
    const value = (data: readonly number[]) => ({ dims: [3], data })
    for (const op of ['Max', 'Min']) {
      const graph = graphOf('known', { a: [3], b: [3] }, (g, a, b) => g.node(op, [a, b]))
      const feeds = { a: value([1, 2, 3]), b: value([1, 2, 3]) }
      const [a, b] = reverse(graph, graph.outputs[0]!.name, ['a', 'b'], feeds, value([5, 6, 7]))
      expect([a!.data, b!.data]).toEqual([
        [5, 6, 7],
        [0, 0, 0],
      ])
    }
  })
})
