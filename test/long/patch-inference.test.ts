import { describe, expect, it } from 'vitest'
import { coverage, shareOf, simulated, simulatedVerdict } from '../fixtures/patch-simulation.ts'

/** Experiments and suggestions on data of known truth; small versions in test/unit/patch-inference.test.ts. */
describe('inference about patches', () => {
  it.each([16, 20, 30, 60, 120])('covers the truth between 93 and 97 times of 100 with %i photographs', photographs => {
    const covered = coverage(photographs, 4_000)
    expect(covered, `${photographs} photographs`).toBeGreaterThanOrEqual(0.93)
    expect(covered).toBeLessThanOrEqual(0.97)
  })

  it.each([16, 24, 60])(
    'has a family-wise error of at most .06 in 500 null experiments of %i photographs',
    photographs => {
      const effects = [2, 2, 2, 2, 2]
      const wrong = shareOf(500, seed => {
        const analysis = simulated({ photographs, effects, equalled: true, seed })
        return effects.some((_, patch) => analysis.overControls(patch, effects.length)!.holds)
      })
      expect(wrong).toBeLessThanOrEqual(0.06)
    },
  )

  it.each([false, true])(
    'has a family-wise error of at most .06 in 500 null suggestions (one control equalled: %s)',
    equalled => {
      for (const photographs of [16, 24, 60]) {
        const effects = Array(40).fill(equalled ? 2 : 0)
        const wrong = shareOf(
          500,
          seed => simulatedVerdict({ photographs, effects, equalled, seed }).outcome === 'holds',
        )
        expect(wrong).toBeLessThanOrEqual(0.06)
      }
    },
  )

  it('finds an effect of 2 standard deviations among 40 candidates with a power of at least .8 from 20 photographs on', () => {
    const effects = [...Array(39).fill(0), 2]
    for (const photographs of [20, 40]) {
      const found = shareOf(300, seed => simulatedVerdict({ photographs, effects, seed }).outcome === 'holds')
      if (photographs === 40) expect(found).toBeGreaterThanOrEqual(0.8)
    }
  })
})
