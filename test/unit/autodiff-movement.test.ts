import fc from 'fast-check'
import { describe, it } from 'vitest'
import { float, int, ints } from '../../electron/engine/onnx/graph.ts'
import { float32, int64 } from '../../electron/engine/onnx/tensor.ts'
import { expectRule } from '../fixtures/interpreter/case.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

describe('rules of reshaping agree with differences', () => {
  it('Reshape', () => {
    expectRule({ x: [2, 3, 4] }, (g, x) => g.reshape(x, [6, 4]))
    expectRule({ x: [2, 3, 4, 5] }, (g, x) => g.reshape(x, [0, 3, -1]))
  })
  it('Flatten', () => {
    for (const axis of [0, 1, 2, -1])
      expectRule({ x: [2, 3, 4] }, (g, x) => g.node('Flatten', [x], { axis: int(axis) }))
  })
  it('Squeeze and Unsqueeze', () => {
    expectRule({ x: [2, 1, 3, 1] }, (g, x) => g.node('Squeeze', [x, g.integers([-1])]))
    expectRule({ x: [2, 1, 3, 1] }, (g, x) => g.node('Squeeze', [x, g.integers([1, 3])]))
    expectRule({ x: [2, 3] }, (g, x) => g.node('Unsqueeze', [x, g.integers([0, -1])]))
  })
  it('Transpose', () => {
    expectRule({ x: [2, 3, 4] }, (g, x) => g.transpose(x, [1, 2, 0]))
    expectRule({ x: [2, 3, 4] }, (g, x) => g.node('Transpose', [x]))
  })
  it('Expand', () => {
    expectRule({ x: [1, 3, 1] }, (g, x) => g.node('Expand', [x, g.integers([2, 1, 1, 4])]))
  })
  it('Tile', () => {
    expectRule({ x: [2, 3, 2] }, (g, x) => g.node('Tile', [x, g.integers([2, 1, 3])]))
  })
  it('Gather, with indices used more than once, or never', () => {
    expectRule({ x: [2, 4, 3] }, (g, x) => g.node('Gather', [x, g.integers([2, 0, -1, 2, 2])], { axis: int(1) }))
    expectRule({ x: [2, 4, 3] }, (g, x) => g.node('Gather', [x, g.integers([3, 1, 0, 2])], { axis: int(1) }))
    const table = int64([0, 3, 3, 1], [2, 2])
    expectRule({ x: [2, 4, 3] }, (g, x) => g.node('Gather', [x, g.shared(table)], { axis: int(-2) }))
    expectRule({ x: [2, 4, 3] }, (g, x) => g.node('Gather', [x, g.shared(int64([2], []))], { axis: int(1) }))
  })
  // As a class token is taken out of as many tokens as an image of any size has.
  it.each([0, 2, -1])('Gather, of the single index %i along an axis of unknown length', index => {
    for (const dims of [[], [1]])
      expectRule(
        { x: [2, 3, 4, 3] },
        (g, x) => g.node('Gather', [x, g.shared(int64([index], dims))], { axis: int(2) }),
        {
          sizes: ['known', 'free'],
        },
      )
  })
  it('Cast', () => {
    expectRule({ x: [2, 3] }, (g, x) => g.node('Cast', [g.node('Cast', [x], { to: int(11) })], { to: int(1) }))
  })
})

describe('rules of parts agree with differences', () => {
  /** Length, start, end and step of slices that take something. */
  const slices = fc
    .tuple(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: -8, max: 8 }),
      fc.integer({ min: -9, max: 9 }),
      fc.constantFrom(-3, -2, -1, 1, 2, 3),
    )
    .filter(([length, start, end, step]) => {
      const highest = step > 0 ? length : length - 1
      const from = Math.max(0, Math.min(start < 0 ? start + length : start, highest))
      const to = Math.max(step > 0 ? 0 : -1, Math.min(end < 0 ? end + length : end, highest))
      return (to - from) * step > 0
    })
  const within = slices.filter(([length, start, end]) => Math.abs(start) <= length && Math.abs(end) <= length)
  const sliced = (
    [h, ...first]: number[],
    [w, ...second]: number[],
    options: Parameters<typeof expectRule>[2],
  ): void => {
    const [starts, ends, steps] = [0, 1, 2].map(i => [first[i]!, second[i]!])
    expectRule({ x: [1, 2, h!, w!] }, (g, x) => g.slice(x, [2, -1], starts!, ends!, steps), options)
  }
  it('Slice, of any start, end and step', () => {
    fc.assert(
      fc.property(within, within, seeds, (first, second, seed) => sliced(first, second, { seed })),
      { numRuns: 50 },
    )
  })
  it('Slice beyond the ends of known lengths', () => {
    fc.assert(
      fc.property(slices, slices, seeds, (first, second, seed) => sliced(first, second, { seed, sizes: ['known'] })),
      { numRuns: 50 },
    )
  })
  it('Slice to the end, and backwards over all', () => {
    expectRule({ x: [2, 5] }, (g, x) => g.slice(x, [1], [1], [2 ** 31 - 1], [2]))
    expectRule({ x: [2, 5] }, (g, x) => g.slice(x, [1], [-1], [-(2 ** 31)], [-1]))
    expectRule({ x: [2, 5] }, (g, x) => g.node('Slice', [x, g.integers([1, 2]), g.integers([2, 4])]))
  })
  it('Slice at a place that is only known when the graph runs', () => {
    const start = (g: Parameters<Parameters<typeof expectRule>[1]>[0], x: string): string =>
      g.sub(g.node('Shape', [x], { start: int(2), end: int(3) }), g.integers([3]))
    expectRule({ x: [2, 3, 5] }, (g, x) => {
      const from = start(g, x)
      return g.node('Slice', [x, from, g.add(from, g.integers([2])), g.integers([2])])
    })
  })
  it('Pad, which may also cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 6, maxLength: 6 }), seeds, (pads, seed) =>
        expectRule({ x: [3, 3, 4] }, (g, x) => g.pad(x, pads, 0.5), { seed }),
      ),
      { numRuns: 20 },
    )
  })
  it('Pad by lengths that are computed, which may also cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 6, maxLength: 6 }), seeds, (pads, seed) =>
        expectRule(
          { x: [3, 3, 4] },
          (g, x) => {
            // Lengths less the same lengths are zeros that nobody folds here.
            const zeros = g.node('Sub', [g.node('Shape', [x]), g.node('Shape', [g.neg(x)])])
            const all = g.add(g.node('Concat', [zeros, zeros], { axis: int(0) }), g.integers(pads))
            return g.node('Pad', [x, all, g.scalar(0.5)])
          },
          { seed },
        ),
      ),
      { numRuns: 20 },
    )
  })
  it('Concat, of all that vary and of some', () => {
    expectRule({ a: [2, 3, 2], b: [2, 1, 2], c: [2, 2, 2] }, (g, a, b, c) => g.concat([a, b, c], 1))
    expectRule({ a: [2, 3, 2], b: [2, 1, 2], c: [2, 2, 2] }, (g, a, b, c) => g.concat([a, b, c], -2), {
      wrt: ['a', 'c'],
    })
    expectRule({ a: [2, 3, 2], b: [2, 3, 4] }, (g, a, b) => g.concat([a, b, a], 2), { wrt: ['a'] })
  })
  it('Split, of which all or one part is used', () => {
    const split = (attributes: Parameters<typeof int>[0][], used: readonly number[]) =>
      expectRule({ x: [2, 6, 3] }, (g, x) => {
        const parts = g.nodes('Split', [x, g.integers(attributes)], attributes.length, { axis: int(1) })
        return used.map(i => g.mul(parts[i]!, g.scalar(i + 2))).reduce((a, b) => g.concat([a, b], 1))
      })
    split([1, 2, 3], [0, 1, 2])
    split([1, 2, 3], [1])
    expectRule({ x: [2, 6, 3] }, (g, x) => g.mul(...(g.nodes('Split', [x], 2, { axis: int(-2) }) as [string, string])))
  })
})

describe('rules of sums and products agree with differences', () => {
  const axes = fc
    .subarray([0, 1, 2, -1], { minLength: 1 })
    .filter(chosen => !(chosen.includes(2) && chosen.includes(-1)))
  for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin'])
    it(op, () => {
      fc.assert(
        fc.property(fc.option(axes), fc.boolean(), seeds, (some, keepdims, seed) =>
          expectRule(
            { x: [2, 3, 4] },
            (g, x) => {
              const attributes = { keepdims: int(Number(keepdims)) }
              if (op === 'ReduceSum') return g.node(op, some ? [x, g.integers(some)] : [x], attributes)
              return g.node(op, [x], { ...attributes, ...(some && { axes: ints(some) }) })
            },
            { seed },
          ),
        ),
        { numRuns: 20 },
      )
    })
  it('MatMul of matrices, vectors and batches', () => {
    const dims: readonly (readonly [number[], number[]])[] = [
      [
        [2, 3],
        [3, 4],
      ],
      [[3], [3, 4]],
      [[2, 3], [3]],
      [[3], [3]],
      [
        [2, 2, 3],
        [3, 4],
      ],
      [
        [2, 2, 3],
        [2, 3, 4],
      ],
      [
        [4, 1, 2, 3],
        [2, 3, 2],
      ],
      [
        [2, 3],
        [4, 3, 2],
      ],
      [[2, 2, 3], [3]],
      [[3], [2, 3, 2]],
    ]
    for (const [a, b] of dims) expectRule({ a, b }, (g, left, right) => g.matmul(left, right))
  })
  it('MatMul with a constant', () => {
    expectRule({ x: [2, 4, 3] }, (g, x) => g.matmul(x, g.initializer(float32([3, 2], [1, 2, -3, 4, 0.5, 6]))))
    expectRule({ x: [2, 3, 2] }, (g, x) => g.matmul(g.initializer(float32([2, 3], [1, 2, -3, 4, 0.5, 6])), x))
  })
  it('Gemm', () => {
    const dims = (rows: number, columns: number, turned: number): number[] =>
      turned ? [columns, rows] : [rows, columns]
    for (const [transA, transB] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      for (const c of [[2, 4], [4], [1, 4], [2, 1], []])
        expectRule({ a: dims(2, 3, transA), b: dims(3, 4, transB), c }, (g, ...inputs) =>
          g.node('Gemm', inputs, { transA: int(transA), transB: int(transB), alpha: float(0.5), beta: float(2) }),
        )
  })
  it('Softmax and LogSoftmax', () => {
    for (const op of ['Softmax', 'LogSoftmax'])
      for (const axis of [1, -1, 0]) expectRule({ x: [2, 3, 4] }, (g, x) => g.node(op, [x], { axis: int(axis) }))
  })
})
