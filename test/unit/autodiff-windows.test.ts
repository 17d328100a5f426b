import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MaxPoolDerivative } from '../../electron/engine/autodiff/options.ts'
import type { GraphBuilder } from '../../electron/engine/onnx/builder.ts'
import { type Attributes, float, type Graph, int, ints, string } from '../../electron/engine/onnx/graph.ts'
import { elements, float32 } from '../../electron/engine/onnx/tensor.ts'
import { expectRule, feedsOf, graphOf } from '../fixtures/interpreter/case.ts'
import {
  difference,
  dot,
  expectClose,
  expectDerivatives,
  forward,
  reverse,
} from '../fixtures/interpreter/derivatives.ts'
import { noise } from '../fixtures/interpreter/numbers.ts'
import { interpret } from '../fixtures/interpreter/run.ts'
import { normals, random } from '../fixtures/random.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const small = (min: number, max: number) => fc.integer({ min, max })

/** Weights of a test. */
const weights = (g: GraphBuilder, dims: readonly number[]): string =>
  g.initializer(float32(dims, normals(7, elements(dims))), 'w')

interface Side {
  readonly length: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
  readonly after: number
}

/** One spatial axis: windows that fit at least once into the padded length. */
const sides = ({ dilated = true, padLimit = 3 } = {}) =>
  fc
    .record<Side>({
      length: small(1, 9),
      kernel: small(1, 4),
      stride: small(1, 4),
      dilation: small(1, dilated ? 2 : 1),
      before: small(0, padLimit),
      after: small(0, padLimit),
    })
    .filter(({ length, kernel, dilation, before, after }) => length + before + after > (kernel - 1) * dilation)

/** The standard requires a pool's padding to be smaller than its kernel; and every window is to see something of x. */
const poolSides = (dilated: boolean) =>
  sides({ dilated }).filter(
    ({ kernel, before, after, length, dilation }) => before < kernel && after < kernel && length >= dilation,
  )

const geometry = (axes: readonly Side[]): Attributes => ({
  kernel_shape: ints(axes.map(side => side.kernel)),
  strides: ints(axes.map(side => side.stride)),
  dilations: ints(axes.map(side => side.dilation)),
  pads: ints([...axes.map(side => side.before), ...axes.map(side => side.after)]),
})

describe('rules of convolutions agree with differences', () => {
  it('Conv with any kernel, stride, dilation, pads and groups', () => {
    fc.assert(
      fc.property(fc.array(sides(), { minLength: 2, maxLength: 2 }), small(1, 2), seeds, (axes, group, seed) =>
        expectRule(
          { x: [1, 2 * group, ...axes.map(side => side.length)] },
          (g, x) => {
            const kernel = axes.map(side => side.kernel)
            return g.node('Conv', [x, weights(g, [3 * group, 2, ...kernel]), weights(g, [3 * group])], {
              ...geometry(axes),
              group: int(group),
            })
          },
          { seed },
        ),
      ),
      { numRuns: 60 },
    )
  })
  it('Conv along one axis and along three', () => {
    expectRule({ x: [2, 2, 7] }, (g, x) => g.node('Conv', [x, weights(g, [3, 2, 3])], { strides: ints([2]) }))
    expectRule({ x: [1, 2, 3, 4, 3] }, (g, x) =>
      g.node('Conv', [x, weights(g, [2, 2, 2, 3, 1])], { strides: ints([1, 2, 1]), pads: ints([1, 0, 0, 0, 1, 0]) }),
    )
  })
  it('Conv, depthwise', () => {
    for (const stride of [1, 2])
      expectRule({ x: [1, 4, 5, 6] }, (g, x) =>
        g.node('Conv', [x, weights(g, [4, 1, 3, 3])], {
          group: int(4),
          strides: ints([stride, stride]),
          pads: ints([1, 1, 1, 1]),
        }),
      )
  })
  it('Conv that pads by itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('SAME_UPPER', 'SAME_LOWER', 'VALID'),
        fc.array(sides({ padLimit: 0 }), { minLength: 2, maxLength: 2 }),
        seeds,
        (auto, axes, seed) => {
          const { pads: _, ...attributes } = geometry(axes)
          expectRule(
            { x: [1, 2, ...axes.map(side => side.length)] },
            (g, x) =>
              g.node('Conv', [x, weights(g, [2, 2, ...axes.map(side => side.kernel)])], {
                ...attributes,
                auto_pad: string(auto),
              }),
            { seed },
          )
        },
      ),
      { numRuns: 40 },
    )
  })
  it('ConvTranspose with any kernel, stride, dilation, pads, output padding and groups', () => {
    const grown = fc
      .tuple(sides({ padLimit: 1 }), small(0, 3))
      .filter(([{ length, stride, kernel, dilation, before, after }, more]) => {
        const y = (length - 1) * stride + (kernel - 1) * dilation + 1 + more - before - after
        return y > 0 && more < Math.max(stride, dilation)
      })
    fc.assert(
      fc.property(fc.array(grown, { minLength: 2, maxLength: 2 }), small(1, 2), seeds, (pairs, group, seed) => {
        const axes = pairs.map(([side]) => side)
        expectRule(
          { x: [1, 2 * group, ...axes.map(side => side.length)] },
          (g, x) =>
            g.node('ConvTranspose', [x, weights(g, [2 * group, 3, ...axes.map(side => side.kernel)])], {
              ...geometry(axes),
              group: int(group),
              output_padding: ints(pairs.map(([, more]) => more)),
            }),
          { seed },
        )
      }),
      { numRuns: 40 },
    )
  })
  it('ConvTranspose of a given size, or that pads by itself', () => {
    const kernel = (g: GraphBuilder) => weights(g, [2, 1, 3, 4])
    for (const auto of ['SAME_UPPER', 'SAME_LOWER'])
      expectRule({ x: [1, 2, 3, 4] }, (g, x) =>
        g.node('ConvTranspose', [x, kernel(g)], { strides: ints([2, 3]), auto_pad: string(auto) }),
      )
    expectRule(
      { x: [1, 2, 3, 4] },
      (g, x) => g.node('ConvTranspose', [x, kernel(g)], { strides: ints([2, 2]), output_shape: ints([6, 9]) }),
      { sizes: ['known'] },
    )
  })
  it('refuses weights that vary, by name', () => {
    const graph = graphOf('known', { x: [1, 1, 4, 4], w: [1, 1, 3, 3] }, (g, x, w) => g.node('Conv', [x, w]))
    const feeds = feedsOf({ x: [1, 1, 4, 4], w: [1, 1, 3, 3] }, 1)
    const u = noise([1, 1, 2, 2], random(1))
    expect(() => reverse(graph, graph.outputs[0]!.name, ['w'], feeds, u)).toThrow(/Conv "Conv.out".*"w"/)
  })
})

describe('rules of pools agree with differences', () => {
  const pools = (dilated: boolean) => fc.array(poolSides(dilated), { minLength: 2, maxLength: 2 })
  for (const ceil of [0, 1]) {
    it(`MaxPool ${ceil ? 'in ceil mode ' : ''}with any kernel, stride, dilation and pads`, () => {
      fc.assert(
        fc.property(pools(true), seeds, (axes, seed) =>
          expectRule(
            { x: [1, 2, ...axes.map(side => side.length)] },
            (g, x) => g.node('MaxPool', [x], { ...geometry(axes), ceil_mode: int(ceil) }),
            { seed },
          ),
        ),
        { numRuns: 60 },
      )
    })
    for (const counted of [0, 1])
      it(`AveragePool ${ceil ? 'in ceil mode ' : ''}${counted ? 'that counts its padding' : ''}`, () => {
        fc.assert(
          fc.property(pools(false), seeds, (axes, seed) => {
            const { dilations: _, ...attributes } = geometry(axes)
            expectRule(
              { x: [1, 2, ...axes.map(side => side.length)] },
              (g, x) =>
                g.node('AveragePool', [x], { ...attributes, ceil_mode: int(ceil), count_include_pad: int(counted) }),
              { seed },
            )
          }),
          { numRuns: 40 },
        )
      })
  }
  it('pools that pad by themselves', () => {
    for (const op of ['MaxPool', 'AveragePool'])
      for (const auto of ['SAME_UPPER', 'SAME_LOWER', 'VALID'])
        for (const stride of [1, 2, 3])
          for (const edge of [4, 5, 7])
            expectRule({ x: [1, 1, edge, edge + 1] }, (g, x) =>
              g.node(op, [x], { kernel_shape: ints([3, 2]), strides: ints([stride, 2]), auto_pad: string(auto) }),
            )
  })
  it('pools along one axis and along three', () => {
    for (const op of ['MaxPool', 'AveragePool']) {
      expectRule({ x: [2, 2, 7] }, (g, x) =>
        g.node(op, [x], { kernel_shape: ints([3]), strides: ints([2]), pads: ints([1, 0]) }),
      )
      expectRule({ x: [1, 2, 3, 4, 5] }, (g, x) =>
        g.node(op, [x], { kernel_shape: ints([2, 1, 3]), strides: ints([1, 1, 2]), pads: ints([1, 0, 1, 0, 0, 1]) }),
      )
    }
  })
  it('GlobalAveragePool and GlobalMaxPool', () => {
    for (const op of ['GlobalAveragePool', 'GlobalMaxPool']) {
      expectRule({ x: [2, 3, 4, 3] }, (g, x) => g.node(op, [x]))
      expectRule({ x: [2, 3, 4] }, (g, x) => g.node(op, [x]))
    }
  })
})

describe('a tie goes to the first maximum in row-major order', () => {
  const ones = (count: number): number[] => new Array<number>(count).fill(1)
  const tied = (graph: Graph, dims: readonly number[], y: readonly number[]) => {
    const x = { dims, data: ones(elements(dims)) }
    const count = elements(y)
    const [dx] = reverse(
      graph,
      graph.outputs[0]!.name,
      ['x'],
      { x },
      { dims: y, data: ones(count).map((_, i) => i + 1) },
    )
    const position = { dims, data: x.data.map((_, i) => i + 1) }
    const t = forward(graph, graph.outputs[0]!.name, 'x', { x }, position)
    return { dx: dx!.data, t: t.data }
  }
  it('MaxPool', () => {
    for (const sizes of ['known', 'free'] as const) {
      const graph = graphOf(sizes, { x: [1, 1, 3, 3] }, (g, x) =>
        g.node('MaxPool', [x], { kernel_shape: ints([2, 2]) }),
      )
      const { dx, t } = tied(graph, [1, 1, 3, 3], [1, 1, 2, 2])
      expect(dx).toEqual([1, 2, 0, 3, 4, 0, 0, 0, 0])
      expect(t).toEqual([1, 2, 4, 5])
    }
  })
  it('MaxPool finds the first row that has it, then the first in that row', () => {
    const graph = graphOf('known', { x: [1, 1, 2, 2] }, (g, x) =>
      g.node('MaxPool', [x], { kernel_shape: ints([2, 2]) }),
    )
    const x = { dims: [1, 1, 2, 2], data: [0, 1, 1, 1] }
    const [dx] = reverse(graph, graph.outputs[0]!.name, ['x'], { x }, { dims: [1, 1, 1, 1], data: [5] })
    expect(dx!.data).toEqual([0, 5, 0, 0])
  })
  it('GlobalMaxPool', () => {
    const graph = graphOf('free', { x: [1, 2, 2, 2] }, (g, x) => g.node('GlobalMaxPool', [x]))
    const { dx, t } = tied(graph, [1, 2, 2, 2], [1, 2, 1, 1])
    expect(dx).toEqual([1, 0, 0, 0, 2, 0, 0, 0])
    expect(t).toEqual([1, 5])
  })
})

describe('relaxed max pools', () => {
  const pool: Attributes = {
    kernel_shape: ints([3, 2]),
    strides: ints([2, 1]),
    pads: ints([0, 1, 1, 0]),
    ceil_mode: int(1),
  }
  const dims = [2, 2, 5, 4]
  /** What the pool is differentiated as, written out. */
  const formulas: Readonly<Record<Exclude<MaxPoolDerivative, 'exact'>, (g: GraphBuilder, x: string) => string>> = {
    'relaxed-avg': (g, x) => g.node('AveragePool', [x], pool),
    'relaxed-l2': (g, x) => {
      const mean = (value: string): string => g.node('AveragePool', [value], pool)
      return g.div(mean(g.mul(x, x)), g.add(mean(g.node('Abs', [x])), g.scalar(1e-2)))
    },
  }
  for (const maxPool of ['relaxed-avg', 'relaxed-l2'] as const)
    it(`${maxPool} has the derivative of its formula, and the value of the maximum`, () => {
      const feeds = feedsOf({ x: dims }, 3)
      const formula = graphOf('known', { x: dims }, formulas[maxPool])
      const next = random(5)
      const t = noise(dims, next)
      const expected = difference(formula, formula.outputs[0]!.name, 'x', feeds, t)
      const u = noise(expected.dims, next)
      for (const sizes of ['known', 'free'] as const) {
        const graph = graphOf(sizes, { x: dims }, (g, x) => g.node('MaxPool', [x], pool))
        const y = graph.outputs[0]!.name
        expectClose(forward(graph, y, 'x', feeds, t, { maxPool }), expected)
        const [dx] = reverse(graph, y, ['x'], feeds, u, { maxPool })
        expect(dot(dx!, t)).toBeCloseTo(dot(u, expected), 5)
        expect(interpret(graph, feeds).get(y)!.data.every(Number.isFinite)).toBe(true)
      }
    })
  it('refuse dilated pools', () => {
    const graph = graphOf('known', { x: dims }, (g, x) =>
      g.node('MaxPool', [x], { kernel_shape: ints([2, 2]), dilations: ints([2, 2]) }),
    )
    const t = noise(dims, random(1))
    expect(() => forward(graph, graph.outputs[0]!.name, 'x', {}, t, { maxPool: 'relaxed-l2' })).toThrow(/dilated/)
  })
})

describe('rules of normalisations agree with differences', () => {
  it('LRN of odd and even windows, for every way to take the power', () => {
    for (const size of [1, 2, 3, 4, 5, 9])
      for (const beta of [0.5, 0.75, 1, 0.6])
        expectRule({ x: [2, 6, 2, 3] }, (g, x) =>
          g.node('LRN', [x], { size: int(size), alpha: float(0.7), beta: float(beta), bias: float(1.3) }),
        )
  })
  it('BatchNormalization', () => {
    expectRule({ x: [2, 3, 2, 2] }, (g, x) => {
      const parameters = [
        [1, -2, 0.5],
        [0.1, 0.2, 0.3],
        [0.3, -0.5, 0.7],
        [0.5, 1, 2],
      ].map(values => g.initializer(float32([3], values)))
      return g.node('BatchNormalization', [x, ...parameters], { epsilon: float(0.1) })
    })
  })
})

describe('a graph of several rules', () => {
  it('agrees with differences where paths part and meet', () => {
    const graph = graphOf('free', { x: [2, 2, 6, 6] }, (g, x) => {
      const pooled = g.node('MaxPool', [x], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), ceil_mode: int(1) })
      const wide = g.node('Conv', [pooled, weights(g, [3, 2, 3, 3])], { pads: ints([1, 1, 1, 1]) })
      const branches = [g.node('Sigmoid', [wide]), g.node('Tanh', [g.node('Conv', [pooled, weights(g, [2, 2, 1, 1])])])]
      return g.reduceSum(g.node('GlobalAveragePool', [g.concat([...branches, pooled], 1)]), [2, 3], false)
    })
    expectDerivatives(graph, graph.outputs[0]!.name, ['x'], feedsOf({ x: [2, 2, 6, 6] }, 9), 9)
  })
})
