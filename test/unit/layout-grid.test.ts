import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CellAttribution, topClasses } from '../../electron/engine/layout/cell-attribution.ts'
import { CellMeans } from '../../electron/engine/layout/cell-means.ts'
import { gridOf, levelsOf, lineOf, meanPositions } from '../../electron/engine/layout/grid.ts'
import { normalise } from '../../electron/engine/layout/normalise.ts'
import { Random } from '../../electron/engine/random/random.ts'
import { quantile } from '../../electron/engine/statistics/quantile.ts'

const positions = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 300,
  })
  .map(pairs => Float64Array.from(pairs.flat()))
const size = fc.integer({ min: 1, max: 40 })
const minimum = fc.integer({ min: 1, max: 12 })

/** The cell of the grid of half the size that contains this cell. */
const parentOf = (cell: number, size: number): number =>
  (Math.floor(cell / size) >> 1) * (size >> 1) + ((cell % size) >> 1)

describe('a grid', () => {
  it('contains every sample once, in the half-open cell of its position', () => {
    fc.assert(
      fc.property(positions, size, minimum, (at, g, m) => {
        const grid = gridOf(at, g, m)
        expect(grid.counts.reduce((sum, count) => sum + count, 0)).toBe(at.length / 2)
        const shown = new Set(grid.shown)
        let samplesShown = 0
        grid.counts.forEach((count, cell) => {
          expect(shown.has(cell)).toBe(count >= m)
          if (shown.has(cell)) samplesShown += count
        })
        expect(grid.samplesShown).toBe(samplesShown)
        grid.cellOf.forEach((cell, s) => {
          const [i, j] = [cell % g, Math.floor(cell / g)]
          for (const [line, x] of [
            [i, at[2 * s]!],
            [j, at[2 * s + 1]!],
          ] as const) {
            expect(line).toBeGreaterThanOrEqual(0)
            expect(line).toBeLessThan(g)
            expect(line <= x * g && (x * g < line + 1 || x === 1)).toBe(true)
          }
        })
      }),
    )
  })

  it('of twice the size splits every cell in four', () => {
    fc.assert(
      fc.property(positions, size, (at, g) => {
        const coarse = gridOf(at, g, 1)
        const fine = gridOf(at, 2 * g, 1)
        fine.cellOf.forEach((cell, s) => {
          expect(parentOf(cell, 2 * g)).toBe(coarse.cellOf[s])
        })
        const summed = new Int32Array(g * g)
        fine.counts.forEach((count, cell) => {
          summed[parentOf(cell, 2 * g)]! += count
        })
        expect(summed).toEqual(coarse.counts)
      }),
    )
  })

  it('keeps 1 in the last cell and every inner edge in the cell that it opens', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map(x => lineOf(x, 4))).toEqual([0, 1, 2, 3, 3])
  })
})

describe('levels', () => {
  /** One sample in the middle of each cell of a grid of 80 × 80. */
  const even = Float64Array.from({ length: 2 * 80 * 80 }, (_, i) =>
    i % 2 === 0 ? ((i >> 1) % 80) / 80 + 1 / 160 : Math.floor((i >> 1) / 80) / 80 + 1 / 160,
  )

  it('end where fewer than half of the samples would be shown', () => {
    expect(levelsOf(even, 1)).toEqual([10, 20, 40, 80, 160, 320])
    expect(levelsOf(even, 2)).toEqual([10, 20, 40])
    expect(levelsOf(even, 4)).toEqual([10, 20, 40])
    expect(levelsOf(even, 5)).toEqual([10, 20])
  })

  it('are at least one, also where hardly a cell has enough samples', () => {
    expect(levelsOf(even.subarray(0, 20), 11)).toEqual([10])
  })
})

describe('cells', () => {
  const draw = new Random('cells', 5)
  const n = 500
  const channels = 7
  const at = Float64Array.from({ length: 2 * n }, () => draw.uniform() ** 2)
  const rows = Float32Array.from({ length: n * channels }, () => draw.uniform() - 0.5)
  const grid = gridOf(at, 6, 5)
  const members = (cell: number): number[] => [...grid.cellOf.keys()].filter(s => grid.cellOf[s] === cell)
  const page = (from: number, to: number) => rows.subarray(from * channels, to * channels)

  it('have the mean of their samples, however the pages are cut and ordered', () => {
    const whole = new CellMeans(grid, channels)
    whole.feed(0, rows)
    const pages = new CellMeans(grid, channels)
    pages.feed(123, page(123, 500))
    pages.feed(0, page(0, 123))
    const means = whole.means()
    expect(grid.shown.length).toBeGreaterThan(5)
    expect(grid.samplesShown).toBeLessThan(n)
    grid.shown.forEach((cell, slot) => {
      const inside = members(cell)
      for (let c = 0; c < channels; c++) {
        const mean = inside.reduce((sum, s) => sum + rows[s * channels + c]!, 0) / inside.length
        expect(means[slot * channels + c]).toBeCloseTo(mean, 12)
        expect(pages.means()[slot * channels + c]).toBeCloseTo(mean, 12)
      }
      const x = inside.reduce((sum, s) => sum + at[2 * s]!, 0) / inside.length
      expect(meanPositions(grid, at)[2 * slot]).toBeCloseTo(x, 12)
    })
  })

  it('read half-precision pages', () => {
    const half = Float16Array.from(rows)
    const a = new CellMeans(grid, channels)
    const b = new CellMeans(grid, channels)
    a.feed(0, half)
    b.feed(0, Float32Array.from(half))
    expect(a.means()).toEqual(b.means())
  })

  it('throw before every sample was fed', () => {
    const partial = new CellMeans(grid, channels)
    partial.feed(0, page(0, 499))
    expect(() => partial.means()).toThrow('499 of 500')
  })

  it("have mean, deviation, label and agreement of their samples' attributions", () => {
    const gathered = new CellAttribution(grid, channels)
    gathered.feed(200, page(200, 500))
    gathered.feed(0, page(0, 200))
    const result = gathered.result()
    grid.shown.forEach((cell, slot) => {
      const inside = members(cell)
      const values = (c: number): number[] => inside.map(s => rows[s * channels + c]!)
      const means = Array.from({ length: channels }, (_, c) => values(c).reduce((sum, v) => sum + v, 0) / inside.length)
      means.forEach((mean, c) => {
        const variance = values(c).reduce((sum, v) => sum + (v - mean) ** 2, 0) / inside.length
        expect(result.mean[slot * channels + c]).toBeCloseTo(mean, 12)
        expect(result.deviation[slot * channels + c]).toBeCloseTo(Math.sqrt(variance), 10)
      })
      const label = means.indexOf(Math.max(...means))
      expect(result.label[slot]).toBe(label)
      const agree = inside.filter(s => Math.max(...page(s, s + 1)) === rows[s * channels + label]).length
      expect(result.agreement[slot]).toBeCloseTo(agree / inside.length, 12)
      const top = topClasses(result, slot, 3)
      expect(top.for[0]).toMatchObject({ class: label, mean: expect.closeTo(means[label]!, 10) })
      expect(top.against.map(one => one.mean)).toEqual(
        means
          .filter(mean => mean < 0)
          .sort((a, b) => a - b)
          .slice(0, 3)
          .map(mean => expect.closeTo(mean, 10)),
      )
    })
  })
})

describe('normalisation', () => {
  it('clips to the widened percentiles and fills [0, 1]', () => {
    const line = Float64Array.from({ length: 101 }, (_, i) => i)
    line[100] = 1e6
    line[0] = -1e6
    // 1st and 99th percentile 1 and 99: low 1 − 9.8, then high 99 + (99 + 8.8)/10.
    const [low, high] = [1 - 9.8, 99 + (99 + 8.8) / 10]
    const unit = normalise(line, 1)
    expect(unit[0]).toBe(0)
    expect(unit[100]).toBe(1)
    expect(unit[50]).toBeCloseTo((50 - low) / (high - low), 12)
  })

  it('treats axes apart, and puts an axis without extent in the middle', () => {
    expect([...normalise(Float64Array.of(1, 7, 2, 7, 3, 7), 2)]).toEqual([0, 0.5, 0.5, 0.5, 1, 0.5])
    expect([...normalise(Float64Array.of(3, 4), 2)]).toEqual([0.5, 0.5])
  })

  it('interpolates percentiles between ranks', () => {
    expect(quantile(Float64Array.of(0, 10), 0.99)).toBeCloseTo(9.9, 12)
    expect(quantile(Float64Array.of(4), 0.01)).toBe(4)
  })

  it('stays within [0, 1] and touches both ends', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2 }), numbers => {
        const unit = normalise(Float64Array.from(numbers), 1)
        expect(unit.every(x => x >= 0 && x <= 1)).toBe(true)
        if (Math.max(...unit) !== Math.min(...unit)) expect([Math.min(...unit), Math.max(...unit)]).toEqual([0, 1])
      }),
    )
  })
})
