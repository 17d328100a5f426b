import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparisonAxis } from '../../electron/engine/class-atlas/selection.ts'
import {
  type ComparedCell,
  compareCell,
  isCertain,
  ranked,
  separation,
  swapped,
} from '../../electron/engine/comparison/separation.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { clusteredMean } from '../../electron/engine/statistics/clustered-mean.ts'

describe('the mean of clustered values', () => {
  it('is the mean, its interval holds it, and equal seeds give equal intervals', () => {
    const sample = fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.integer({ min: 0, max: 6 }))
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), fc.integer(), (samples, seed) => {
        const values = Float64Array.from(samples, ([value]) => value)
        const clusters = samples.map(([, cluster]) => cluster)
        const found = clusteredMean(values, clusters, seed)
        expect(found.mean).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9)
        expect(found.clusters).toBe(new Set(clusters).size)
        if (found.clusters === 1) expect(found).toMatchObject({ low: found.mean, high: found.mean })
        expect(clusteredMean(values, clusters, seed)).toEqual(found)
      }),
      { numRuns: 40 },
    )
  })

  it('covers the truth about 95 times in a hundred, also where samples of a cluster say the same', () => {
    const draw = new Random('coverage', 11)
    let covered = 0
    const trials = 300
    for (let trial = 0; trial < trials; trial++) {
      const values: number[] = []
      const clusters: number[] = []
      for (let cluster = 0; cluster < 25; cluster++) {
        const own = draw.gaussian()
        for (let s = 0; s < 1 + Math.floor(draw.uniform() * 6); s++) {
          values.push(own + 0.1 * draw.gaussian())
          clusters.push(cluster)
        }
      }
      const { low, high } = clusteredMean(Float64Array.from(values), clusters, trial)
      if (low <= 0 && high >= 0) covered++
    }
    expect(covered / trials).toBeGreaterThan(0.89)
    expect(covered / trials).toBeLessThan(0.99)
  })

  it('has a narrower interval for many photographs than for many positions in a few', () => {
    const draw = new Random('width', 5)
    const values = Float64Array.from({ length: 60 }, () => draw.gaussian())
    const grouped = values.map((_, s) => values[Math.floor(s / 10)]!)
    const width = (of: Float64Array, clusters: number[]): number => {
      const { low, high } = clusteredMean(of, clusters, 1)
      return high - low
    }
    const each = Array.from({ length: 60 }, (_, s) => s)
    expect(
      width(
        grouped,
        each.map(s => Math.floor(s / 10)),
      ),
    ).toBeGreaterThan(2 * width(grouped, each))
  })
})

describe('the axis of a comparison', () => {
  it('has zero in the middle and its ends at the 99th percentile, whatever the differences', () => {
    const numbers = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(numbers, given => {
        const { x, scale, clipped } = comparisonAxis(Float64Array.from(given))
        expect(scale).toBeGreaterThan(0)
        for (const [s, difference] of given.entries()) {
          expect(x[s]! >= 0 && x[s]! <= 1).toBe(true)
          if (Math.abs(difference) <= scale) expect(x[s]).toBeCloseTo((difference / scale + 1) / 2, 12)
          else expect(x[s]).toBe(difference > 0 ? 1 : 0)
        }
        expect(clipped).toBe(given.filter(difference => Math.abs(difference) > scale).length)
        expect(clipped).toBeLessThanOrEqual(Math.ceil(given.length / 100))
        const mirrored = comparisonAxis(Float64Array.from(given, difference => -difference))
        expect(mirrored.scale).toBe(scale)
        for (const [s, place] of mirrored.x.entries()) expect(place).toBeCloseTo(1 - x[s]!, 12)
      }),
    )
  })

  it('puts samples that say the same of both classes in the middle', () => {
    expect(comparisonAxis(new Float64Array(4))).toEqual({ x: new Float64Array(4).fill(0.5), scale: 1, clipped: 0 })
  })
})

const cell = (i: number, right: readonly number[], photographs: readonly number[]): ComparedCell =>
  compareCell(
    { i, j: 0, lean: 0, otherClasses: [] },
    { left: new Float64Array(right.length), right: Float64Array.from(right), photographs },
    0,
  )
const spread = [0, 1, 2, 3, 4, 5, 6, 7]

describe('the cells that separate two classes', () => {
  const strong = cell(0, [2, 2.1, 2.2, 1.9, 2, 2.1, 2.2, 1.9], spread)
  const weak = cell(1, [1, 1.1, 1.2, 0.9, 1, 1.1, 1.2, 0.9], spread)
  const other = cell(2, [-3, -3.1, -3.2, -2.9, -3, -3.1, -3.2, -2.9], spread)
  const unsure = cell(3, [4, -3.9, 4, -3.9, 4, -3.9, 4, 3], spread)
  const few = cell(4, [9, 9, 9, 9, 9, 9, 9, 9], [1, 1, 2, 2, 3, 3, 4, 4])

  it('come in the order of what is certain, of either side or of both', () => {
    const all = [few, unsure, weak, other, strong]
    const rows = (toward: 'left' | 'right' | 'both') => ranked(all, toward).map(({ i }) => i)
    expect(rows('both')).toEqual([2, 0, 1, 4, 3])
    expect(rows('right')).toEqual([0, 1, 4, 3])
    expect(rows('left')).toEqual([2])
    expect([strong, weak, other].every(isCertain)).toBe(true)
    expect(isCertain(unsure)).toBe(false)
    // Nine logits in four photographs: a bootstrap of four knows nothing.
    expect(isCertain(few)).toBe(false)
  })

  it('mirror when sides are swapped, and come back', () => {
    for (const each of [strong, weak, other, unsure]) {
      const turned = swapped(each)
      expect(turned.difference).toBe(-each.difference)
      expect(turned.low).toBeLessThanOrEqual(turned.high)
      expect(separation(turned)).toBe(separation(each))
      expect(swapped(turned)).toEqual({ ...each, lean: each.lean })
    }
  })
})
