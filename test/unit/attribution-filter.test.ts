import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SampleFilter } from '../../electron/contract/class-selection.ts'
import { ClassColumns } from '../../electron/engine/attribution/class-columns.ts'
import { extentOf, filterSamples, union } from '../../electron/engine/attribution/filter.ts'
import { columnsOfRows } from '../../electron/engine/store/attribution-columns.ts'
import { encodeStrongest, strongestOf } from '../../electron/engine/store/strongest.ts'

/** Small whole numbers: ties and zeros in plenty. */
const table = fc
  .record({ samples: fc.integer({ min: 1, max: 24 }), classes: fc.integer({ min: 1, max: 9 }) })
  .chain(({ samples, classes }) =>
    fc.record({
      samples: fc.constant(samples),
      classes: fc.constant(classes),
      index: fc.integer({ min: 0, max: classes - 1 }),
      values: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: samples * classes, maxLength: samples * classes }),
    }),
  )
const filters: fc.Arbitrary<SampleFilter> = fc
  .record({
    rank: fc.option(fc.integer({ min: 1, max: 10 })),
    magnitude: fc.option(fc.integer({ min: 1, max: 30 })),
    sign: fc.constantFrom('positive' as const, 'negative' as const),
  })
  .filter(({ rank, magnitude }) => rank !== null || magnitude !== null)

interface Table {
  readonly samples: number
  readonly classes: number
  readonly index: number
  readonly values: readonly number[]
}

const column = ({ samples, classes, index, values }: Table, sign: SampleFilter['sign'], page = samples) => {
  const columns = new ClassColumns(samples, classes, [index], sign)
  const all = Float32Array.from(values)
  for (let first = 0; first < samples; first += page)
    columns.feed(first, all.subarray(first * classes, Math.min(samples, first + page) * classes))
  return columns.ranked()[0]!
}

const columnOf = (values: Float32Array, classes: number, kept: number, index: number) => {
  const { bits } = encodeStrongest(strongestOf(values, classes, kept))
  return columnsOfRows('a.portolan', { id: 0, layer: 'a', width: classes, kept }, bits, [index])[0]!
}

/** Straight from the definitions: sort all classes of each sample, and all samples of the class. */
const brute = ({ samples, classes, index, values }: Table, { rank, magnitude, sign }: SampleFilter) => {
  const strength = (s: number, c: number): number => values[s * classes + c]! * (sign === 'positive' ? 1 : -1)
  const all = Array.from({ length: samples }, (_, s) => s).filter(s => strength(s, index) > 0)
  const order = (s: number): number[] =>
    Array.from({ length: classes }, (_, c) => c).sort((a, b) => strength(s, b) - strength(s, a) || a - b)
  const byRank = rank === null ? [] : all.filter(s => order(s).slice(0, rank).includes(index))
  const byMagnitude =
    magnitude === null
      ? []
      : all.toSorted((a, b) => strength(b, index) - strength(a, index) || a - b).slice(0, magnitude)
  return { byRank, byMagnitude, samples: [...new Set([...byRank, ...byMagnitude])].sort((a, b) => a - b) }
}

describe('class filters', () => {
  it('pass exactly the samples of the definitions, once, with correct counts', () => {
    fc.assert(
      fc.property(table, filters, fc.integer({ min: 1, max: 7 }), (given, filter, page) => {
        const { samples, counts } = filterSamples(column(given, filter.sign, page), filter)
        const expected = brute(given, filter)
        expect([...samples]).toEqual(expected.samples)
        expect(counts).toEqual({
          before: given.samples,
          known: given.samples,
          after: expected.samples.length,
          byRank: filter.rank === null ? null : expected.byRank.length,
          byMagnitude: filter.magnitude === null ? null : expected.byMagnitude.length,
          both: expected.byRank.filter(s => expected.byMagnitude.includes(s)).length,
        })
        expect(counts.after).toBe((counts.byRank ?? 0) + (counts.byMagnitude ?? 0) - counts.both)
      }),
    )
  })

  it('give the same result on a truncated store where attributions are known, and report for how many they are', () => {
    fc.assert(
      fc.property(table, filters, fc.integer({ min: 1, max: 4 }), (given, filter, kept) => {
        const { samples, classes, index, values } = given
        const columns = new ClassColumns(samples, classes, [index], filter.sign)
        columns.feedColumn(
          0,
          { start: 0, count: samples },
          columnOf(Float32Array.from(values), classes, kept, index),
          kept,
        )
        const truncated = columns.ranked()[0]!
        const whole = column(given, filter.sign)
        const knows = Array.from({ length: samples }, (_, s) => truncated.ranks[s] !== 0)
        expect(truncated.count).toBe(knows.filter(Boolean).length)
        expect([...truncated.known]).toEqual(knows.map(Number))
        for (const [s, known] of knows.entries())
          if (known) expect(truncated.values[s]).toBe(whole.values[s])
          else expect(truncated.values[s]).toBe(0)
        if (filter.rank === null || filter.rank > kept) return
        const rank = { ...filter, magnitude: null }
        expect([...filterSamples(truncated, rank).samples]).toEqual([...filterSamples(whole, rank).samples])
      }),
    )
  })

  it('normalise every class by its own extremes', () => {
    fc.assert(
      fc.property(table, given => {
        const own = given.values.filter((_, p) => p % given.classes === given.index)
        expect(extentOf(column(given, 'positive'))).toEqual({
          max: Math.max(0, ...own),
          min: Math.min(0, ...own),
          sum: own.reduce((a, b) => a + b, 0),
        })
      }),
    )
  })

  it('join two classes without counting a sample twice', () => {
    const rising = fc.uniqueArray(fc.integer({ min: 0, max: 40 })).map(list => Uint32Array.from(list).sort())
    fc.assert(
      fc.property(rising, rising, (a, b) => {
        const joined = union(a, b)
        expect([...joined.samples]).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y))
        expect(joined.shared).toBe([...a].filter(s => b.includes(s)).length)
      }),
    )
  })

  it('refuse ranks that were counted from the other end', () => {
    const given = column({ samples: 1, classes: 2, index: 0, values: [1, 2] }, 'positive')
    expect(() => filterSamples(given, { rank: 1, magnitude: null, sign: 'negative' })).toThrow('positive')
  })
})
