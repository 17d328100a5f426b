import { describe, expect, it } from 'vitest'
import {
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from '../../electron/engine/statistics/distributions.ts'
import { pairedMean, Resampler, wilson } from '../../electron/engine/statistics/intervals.ts'
import { normals, random } from '../fixtures/random.ts'

describe('distributions', () => {
  it('agree with tables', () => {
    expect(normalCdf(-1.959964)).toBeCloseTo(0.025, 7)
    expect(normalCdf(-5)).toBeCloseTo(2.866516e-7, 12)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8)
    // Student (1908) and Fisher: two-sided 5 % and 0.1 %.
    for (const [degrees, five, tenth] of [
      [1, 12.7062, 636.6192],
      [2, 4.3027, 31.5991],
      [10, 2.2281, 4.5869],
      [29, 2.0452, 3.6594],
      [1000, 1.9623, 3.3003],
    ] as const) {
      expect(studentQuantile(0.975, degrees)).toBeCloseTo(five, 3)
      expect(studentQuantile(0.9995, degrees)).toBeCloseTo(tenth, 2)
      expect(studentCdf(five, degrees)).toBeCloseTo(0.975, 5)
    }
  })
})

describe('intervals', () => {
  it('of single trials are Wilson’s', () => {
    // Newcombe (1998), 81 of 263 and 15 of 148; and the ends.
    expect(wilson(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) })
    expect(wilson(15, 148)).toMatchObject({ low: expect.closeTo(0.0624, 4), high: expect.closeTo(0.1605, 4) })
    expect(wilson(0, 20)).toMatchObject({ low: 0, high: expect.closeTo(0.1611, 4) })
    expect(wilson(0, 0).interval).toBe('none')
  })

  it('are not empty where all photographs agree', () => {
    const resampler = new Resampler(30, 400, 1)
    const none = resampler.share(new Float64Array(30), new Float64Array(30).fill(10))
    expect(none).toMatchObject({ value: 0, low: 0, interval: 'wilson' })
    expect(none.high).toBeGreaterThan(0.1)
    const open = wilson(0, 30).high
    const nothing = resampler.difference(new Float64Array(30), new Float64Array(30).fill(1))
    expect(nothing).toMatchObject({ value: 0, low: -open, high: open, interval: 'wilson' })
    const always = resampler.difference(new Float64Array(30).fill(1), new Float64Array(30).fill(1))
    expect(always).toMatchObject({ value: 1, low: 1 - 2 * open, high: 1 })
  })

  it('cover the truth 92 to 98 times of 100 where trials of a photograph depend on each other', () => {
    const [simulations, patches] = [1000, 10]
    for (const { n, shape } of [
      { n: 20, shape: [1.5, 1.5] },
      { n: 60, shape: [0.9, 1.5] },
      { n: 200, shape: [0.5, 2] },
    ] as const) {
      const uniform = random(n)
      const truth = shape[0] / (shape[0] + shape[1])
      let [shares, means, singles, naive] = [0, 0, 0, 0]
      const resampler = new Resampler(n, 500, 7)
      for (let s = 0; s < simulations; s++) {
        const flips = new Float64Array(n)
        const first = new Float64Array(n)
        const changes = normals(s * 31 + n, n, 2).map(own => own + 0.7)
        for (let k = 0; k < n; k++) {
          // Each photograph has its own rate, Beta distributed (Jöhnk 1964), and all of its patches share it.
          let [a, b] = [1, 1]
          while (a + b > 1) [a, b] = [uniform() ** (1 / shape[0]), uniform() ** (1 / shape[1])]
          const rate = a / (a + b)
          for (let p = 0; p < patches; p++) if (uniform() < rate) flips[k]!++
          first[k] = uniform() < rate ? 1 : 0
        }
        const inside = ({ low, high }: { low: number; high: number }, value: number) =>
          Number(low <= value && value <= high)
        const count = flips.reduce((x, y) => x + y, 0)
        shares += inside(resampler.share(flips, new Float64Array(n).fill(patches)), truth)
        naive += inside(wilson(count, n * patches), truth)
        means += inside(resampler.ratio(changes, new Float64Array(n).fill(1)), 0.7)
        singles += inside(
          wilson(
            first.reduce((x, y) => x + y, 0),
            n,
          ),
          truth,
        )
      }
      for (const covered of [shares, means, singles]) {
        expect(covered / simulations).toBeGreaterThanOrEqual(0.92)
        expect(covered / simulations).toBeLessThanOrEqual(0.98)
      }
      // The interval if copies were counted as trials.
      expect(naive / simulations).toBeLessThan(0.8)
    }
  })

  it('of means cover the truth as often where there are only a few photographs', () => {
    for (const n of [2, 3, 5, 7, 8, 12]) {
      const resampler = new Resampler(n, 500, 5)
      let covered = 0
      for (let s = 0; s < 1000; s++) {
        const { low, high } = resampler.ratio(normals(s * 53 + n, n, 2), new Float64Array(n).fill(1))
        if (low <= 0 && high >= 0) covered++
      }
      expect(covered / 1000, `${n} photographs`).toBeGreaterThanOrEqual(0.92)
      expect(covered / 1000, `${n} photographs`).toBeLessThanOrEqual(0.98)
    }
  })

  it('corrected for the number tried, the best of many without an effect is seldom significant', () => {
    const [simulations, tried, n] = [300, 20, 24]
    let found = 0
    for (let s = 0; s < simulations; s++) {
      const lows = Array.from({ length: tried }, (_, k) => pairedMean(normals(s * 97 + k, n, 1), tried).low)
      if (Math.max(...lows) > 0) found++
    }
    expect(found / simulations).toBeLessThanOrEqual(0.05)
  })
})
