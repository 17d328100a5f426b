import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { clusterMean } from '../../electron/engine/statistics/cluster-robust.ts'
import { crossFit, halvesOf } from '../../electron/engine/statistics/cross-fit.ts'
import { studentQuantile } from '../../electron/engine/statistics/distributions.ts'
import { isBeyond, simultaneousMeans } from '../../electron/engine/statistics/simultaneous.ts'
import { skewedInterval, skewnessOfValues } from '../../electron/engine/statistics/skewness.ts'
import { simulate } from '../fixtures/simulated-maps.ts'
import { familyWiseError } from '../fixtures/skewed-cells.ts'

describe('the mean over clusters', () => {
  it('has the error and degrees of freedom of one sample per cluster where each has one', () => {
    const values = [1, 4, 2, 8, 5, 7]
    const { mean, error, degrees } = clusterMean({ sums: values, counts: values.map(() => 1) })
    expect(mean).toBe(4.5)
    expect(error).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - 4.5) ** 2, 0) / 5 / 6), 12)
    expect(degrees).toBeCloseTo(5, 9)
  })

  it('has the degrees of freedom of the matrices of Bell and McCaffrey, whatever the sizes of clusters', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 9 }), counts => {
        const n = counts.reduce((a, b) => a + b, 0)
        const w = counts.map(count => count / n)
        const residual = (i: number, j: number): number => (i === j ? 1 : 0) - w[j]!
        const m = w.map((_, i) =>
          w.map((__, j) => w.reduce((sum, x, c) => sum + (residual(c, i) * x ** 2 * residual(c, j)) / (1 - x), 0)),
        )
        const trace = m.reduce((sum, row, i) => sum + row[i]!, 0)
        const square = m.flat().reduce((sum, value) => sum + value ** 2, 0)
        expect(clusterMean({ sums: counts, counts }).degrees).toBeCloseTo(trace ** 2 / square, 6)
      }),
    )
  })

  it('counts clusters: the same values in fewer photographs are less certain', () => {
    const random = new Random('clusters', 1)
    const values = Array.from({ length: 60 }, () => random.gaussian())
    const alone = clusterMean({ sums: values, counts: values.map(() => 1) })
    const copied = clusterMean({ sums: values.slice(0, 10).map(v => 6 * v), counts: new Array(10).fill(6) })
    expect(copied.error).toBeGreaterThan(1.5 * alone.error)
    expect(clusterMean({ sums: [9], counts: [5] })).toMatchObject({ mean: 1.8, degrees: 0, clusters: 1 })
  })

  it('knows how skewed its error is, in whatever clusters the values come', () => {
    const values = [1, 2, 2, 3, 9]
    const residuals = values.map(value => value - 3.4)
    const moment = (power: number): number => residuals.reduce((sum, e) => sum + e ** power, 0) / 5
    // The skewness of five values, corrected, and of their mean.
    const skewness = ((moment(3) / moment(2) ** 1.5) * (Math.sqrt(20) / 3)) / Math.sqrt(5)
    const counts = values.map(() => 3)
    expect(clusterMean({ sums: values.map(value => 3 * value), counts }).skewness).toBeCloseTo(skewness, 12)
    expect(clusterMean({ sums: values.map(value => -value), counts: values.map(() => 1) }).skewness).toBeCloseTo(
      -skewness,
      12,
    )
    expect(clusterMean({ sums: [2, 2, 2], counts: [1, 1, 1] }).skewness).toBe(0)
  })

  it('adds the errors of two halves that agree', () => {
    const given = { sums: [1, 2, 3, 5, 1, 0], counts: [1, 1, 1, 1, 1, 1], folds: [0, 1, 0, 1, 0, 1] }
    const independent = clusterMean(given)
    const equal = clusterMean({ ...given, dependence: 1 })
    expect(equal.error).toBeGreaterThan(independent.error)
    expect(equal.error).toBeLessThanOrEqual(Math.SQRT2 * independent.error + 1e-12)
  })
})

it("interpolates Student's quantiles between degrees of freedom", () => {
  // By Simpson's rule over the density; with few degrees the interpolation is wider, and never narrower.
  const exact: [number, number, number, number][] = [
    [0.975, 2.5, 3.5747, 0.06],
    [0.975, 6.5, 2.402, 1e-3],
    [0.9995, 6.5, 5.6528, 1e-2],
    [0.975, 30.5, 2.04087, 1e-5],
  ]
  for (const [p, degrees, quantile, above] of exact) {
    expect(studentQuantile(p, degrees)).toBeGreaterThan(quantile - 1e-4)
    expect(studentQuantile(p, degrees)).toBeLessThan(quantile + above)
  }
})

describe('the halves of photographs', () => {
  it('hold copies together, are equally large, and do not depend on the order', () => {
    const hashes = ['d', 'a', 'b', 'a', 'c', 'e', 'd']
    const halves = halvesOf(hashes)
    expect(halves[0]).toBe(halves[6])
    expect(halves[1]).toBe(halves[3])
    expect(halvesOf(hashes.toReversed())).toEqual(halves.toReversed())
    const distinct = new Map(hashes.map((hash, s) => [hash, halves[s]!]))
    expect(Math.abs([...distinct.values()].reduce((sum, half) => sum + (half ? 1 : -1), 0))).toBeLessThanOrEqual(1)
  })

  it('predict each other: a sample is not placed by its own value or one of its photograph', async () => {
    const random = new Random('cross-fit', 4)
    const channels = 6
    const n = 80
    const rows = new Float32Array(n * channels).map(() => random.gaussian())
    const values = Float64Array.from({ length: n }, (_, s) => 2 * rows[s * channels]! - rows[s * channels + 3]!)
    const clusters = Int32Array.from({ length: n }, (_, s) => s >> 1)
    const folds = halvesOf(Array.from(clusters, String))
    const { predicted, agreement } = await crossFit({ rows, channels, values, clusters, folds })
    for (let s = 0; s < n; s++) expect(predicted[s]).toBeCloseTo(values[s]!, 5)
    expect(agreement).toBeCloseTo(1, 6)
    const changed = values.slice()
    changed[10] = 500
    const after = await crossFit({ rows, channels, values: changed, clusters, folds })
    for (let s = 0; s < n; s++)
      if (folds[s] === folds[10]) expect(after.predicted[s]).toBe(predicted[s])
      else expect(after.predicted[s]).not.toBe(predicted[s])
  })
})

describe('an interval of skewed values', () => {
  const mean = { mean: 0, error: 1, degrees: 9, skewness: 0 }
  it('is that of Student where they are not, and reaches further to the side of the longer tail where they are', () => {
    const plain = skewedInterval(mean, 0.025)
    expect(plain.high).toBeCloseTo(2.2622, 4)
    expect(plain.low).toBe(-plain.high)
    const right = skewedInterval({ ...mean, skewness: 0.5 }, 0.025)
    expect(right.low).toBe(plain.low)
    expect(right.high).toBeGreaterThan(plain.high + 1)
    expect(skewedInterval({ ...mean, skewness: -0.5 }, 0.025)).toEqual({ low: -right.high, high: -right.low })
    // By the skewness of a family where that says more, and never inwards.
    expect(skewedInterval(mean, 0.025, 0.5).high).toBeGreaterThan(right.high)
    expect(skewedInterval({ ...mean, skewness: 0.5 }, 0.025, -0.01).high).toBe(right.high)
  })

  it.each([8, 12, 24, 60])(
    'covers the mean of an exponential distribution of %i photographs, which t does not',
    photographs => {
      const random = new Random('exponential', photographs)
      let [covered, student] = [0, 0]
      for (let study = 0; study < 6000; study++) {
        const values = Float64Array.from({ length: photographs }, () => -Math.log(1 - random.uniform()))
        const of = clusterMean({ sums: values, counts: values.map(() => 1) })
        const contains = ({ low, high }: { low: number; high: number }): number => Number(low <= 1 && 1 <= high)
        covered += contains(skewedInterval(of, 0.025))
        student += contains(skewedInterval({ ...of, skewness: 0 }, 0.025))
      }
      expect(covered / 6000).toBeGreaterThan(0.925)
      expect(covered / 6000).toBeLessThan(0.97)
      expect(student / 6000).toBeLessThan(covered / 6000 - 0.015)
    },
  )
})

describe('the skewness that cells have in common', () => {
  const momentsOf = (values: readonly number[]) => clusterMean({ sums: values, counts: values.map(() => 1) }).moments!

  it('is found from many cells of few photographs, which each by itself understates', () => {
    const random = new Random('common skewness', 1)
    const cells = Array.from({ length: 400 }, () =>
      momentsOf(Array.from({ length: MIN_PHOTOGRAPHS }, () => -Math.log(1 - random.uniform()))),
    )
    expect(skewnessOfValues(cells)).toBeGreaterThan(1.7)
    expect(skewnessOfValues(cells)).toBeLessThan(2.3)
    const alone = cells.reduce((sum, cell) => sum + skewnessOfValues([cell]), 0) / cells.length
    expect(alone).toBeLessThan(1.4)
  })

  it.each([8, 12, 24])(
    'keeps any of 20 cells of %i skewed photographs from being missed in over 6 % of maps',
    photographs => {
      expect(familyWiseError({ cells: 20, photographs, errors: ['exponential'] }, 500)).toBeLessThanOrEqual(0.06)
    },
  )
})

describe('the intervals of a map', () => {
  const spread = (photographs: number, value: number) => ({
    values: Float64Array.from({ length: photographs }, (_, s) => value + 0.1 * (s % 3)),
    clusters: Int32Array.from({ length: photographs }, (_, s) => s),
    cellOf: new Int32Array(photographs),
    cells: 1,
  })

  it('do not exist below the minimum of photographs, however many samples there are', () => {
    const few = spread(MIN_PHOTOGRAPHS - 1, 9)
    const copied = {
      ...spread(100, 9),
      clusters: Int32Array.from({ length: 100 }, (_, s) => s % (MIN_PHOTOGRAPHS - 1)),
    }
    for (const map of [few, copied]) {
      const { cells, tested } = simultaneousMeans(map)
      expect(cells[0]).toMatchObject({ photographs: MIN_PHOTOGRAPHS - 1, interval: null })
      expect(tested).toBe(0)
      expect(isBeyond(cells[0]!.interval, 0)).toBe(false)
    }
    expect(simultaneousMeans(spread(MIN_PHOTOGRAPHS, 9)).cells[0]!.interval).not.toBeNull()
  })

  it('are wider the more cells are tested, and count hidden cells in the mean only', () => {
    const random = new Random('cells', 2)
    const n = 200
    const values = Float64Array.from({ length: n }, () => random.gaussian())
    const clusters = Int32Array.from({ length: n }, (_, s) => s)
    const width = (cellOf: number[], cells: number): number => {
      const { low, high } = simultaneousMeans({ values, clusters, cellOf, cells }).cells[0]!.interval!
      return high - low
    }
    const first = Array.from({ length: n }, (_, s) => (s < 40 ? 0 : -1))
    const all = Array.from({ length: n }, (_, s) => Math.floor(s / 40))
    expect(width(all, 5)).toBeGreaterThan(1.2 * width(first, 1))
  })

  it('lie beyond 0 and beyond the mean of the map, to the same side of both', () => {
    expect(isBeyond({ low: 0.5, high: 2 }, 0.2)).toBe(true)
    expect(isBeyond({ low: 0.5, high: 2 }, 1)).toBe(false)
    expect(isBeyond({ low: 0.5, high: 2 }, 3)).toBe(false)
    expect(isBeyond({ low: -2, high: -0.5 }, 3)).toBe(true)
    expect(isBeyond({ low: -1, high: 1 }, 0)).toBe(false)
    expect(isBeyond(null, 0)).toBe(false)
  })
})

/** The small versions of test/long/simulated-maps.test.ts; limits are widened for few maps. */
describe('simulated comparisons', () => {
  const map = { photographs: 100, channels: 20, columns: 4, rows: 4 }

  it('call no cell significant where there is no effect, as placing samples by their own values did', async () => {
    for (const mean of [0, 0.5]) {
      const found = await simulate({ ...map, mean, signal: 0, placed: 'cross-fitted' }, 60, 1)
      expect(found.anySignificant).toBeLessThanOrEqual(0.1)
      expect(found.familyWise).toBeLessThanOrEqual(0.12)
      expect(found.coverage).toBeGreaterThan(0.92)
      expect(found.coverage).toBeLessThan(0.98)
    }
    expect((await simulate({ ...map, signal: 0, placed: 'own' }, 10, 1)).anySignificant).toBe(1)
  })

  it('cover the true means, near the minimum of photographs and above', async () => {
    const fewest = await simulate(
      { photographs: 4 * MIN_PHOTOGRAPHS, channels: 8, columns: 2, rows: 2, signal: 0.5, placed: 'cross-fitted' },
      30,
      2,
    )
    const more = await simulate({ ...map, columns: 3, rows: 3, signal: 1, placed: 'cross-fitted' }, 15, 2)
    for (const { coverage } of [fewest, more]) {
      expect(coverage).toBeGreaterThan(0.9)
      expect(coverage).toBeLessThanOrEqual(1)
    }
  })

  it('hold for a class atlas, whose layout uses activations alone, and call no cell without an effect significant', async () => {
    const nothing = await simulate({ ...map, mean: 1, signal: 0, placed: 'activations' }, 60, 4)
    expect(nothing.anySignificant).toBeLessThanOrEqual(0.1)
    expect(nothing.familyWise).toBeLessThanOrEqual(0.12)
    const some = await simulate({ ...map, columns: 3, rows: 3, mean: 1, signal: 1, placed: 'activations' }, 20, 4)
    for (const { coverage } of [nothing, some]) {
      expect(coverage).toBeGreaterThan(0.91)
      expect(coverage).toBeLessThan(0.985)
    }
    expect(some.significant).toBeGreaterThan(nothing.significant)
  })

  it('find a difference as large as the error', async () => {
    const found = await simulate({ ...map, photographs: 300, signal: 1, placed: 'cross-fitted' }, 8, 3)
    expect(found.significant).toBeGreaterThan(0.3)
  })
})
