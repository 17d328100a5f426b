import { describe, expect, it } from 'vitest'
import { Random } from '../../electron/engine/random/random.ts'
import { studentCdf, studentTails } from '../../electron/engine/statistics/distributions.ts'
import { meansOf, winnerAmong } from '../../electron/engine/statistics/winner.ts'

describe('the p-value of a winner', () => {
  /** Share of p-values of at most `limit` where both means are equal and the samples of a photograph share their value. */
  const shareBelow = (limit: number, counts: readonly number[], draws: number): number => {
    const random = new Random('equal means', counts.length)
    let found = 0
    for (let draw = 0; draw < draws; draw++) {
      const sums = Float64Array.from(counts.flatMap(n => [n * random.gaussian(), n * random.gaussian()]))
      const data = { sums, counts, width: 2 }
      if (winnerAmong(data, meansOf(data), [0, 1]).p <= limit) found++
    }
    return found / draws
  }

  it('is uniform for equally many samples of each photograph', () => {
    expect(shareBelow(0.05, Array(12).fill(1), 4_000)).toBeCloseTo(0.05, 2)
    expect(shareBelow(0.2, Array(12).fill(3), 4_000)).toBeCloseTo(0.2, 1)
  })

  it('is no smaller by chance where few photographs have most of the samples', () => {
    for (const counts of [
      [1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5],
      [1, 1, 1, 1, 1, 1, 2, 5],
    ])
      for (const limit of [0.2, 0.05, 0.01]) expect(shareBelow(limit, counts, 2_000)).toBeLessThanOrEqual(limit)
  })
})

describe('the tails of Student’s distribution', () => {
  it('are those of integer degrees, and between them in between', () => {
    for (const degrees of [1, 2, 7, 30]) {
      expect(studentTails(2.5, degrees)).toBeCloseTo(2 * (1 - studentCdf(2.5, degrees)), 12)
      expect(studentTails(2.5, degrees + 0.5)).toBeLessThan(studentTails(2.5, degrees))
      expect(studentTails(2.5, degrees + 0.5)).toBeGreaterThan(studentTails(2.5, degrees + 1))
    }
    // scipy.stats.t.sf(2.5, 3.5) * 2 = 0.0757
    expect(studentTails(2.5, 3.5)).toBeCloseTo(0.0757, 2)
  })
})
