import { describe, expect, it } from 'vitest'
import { coverage, shareOf, simulated, simulatedVerdict } from '../fixtures/patch-simulation.ts'

/** Small versions; test/long/patch-inference.test.ts has narrower limits on more data sets. */
describe('experiments on data of known truth', () => {
  it('cover the effect above each control 95 times of 100 from 8 photographs on each half on', () => {
    for (const photographs of [16, 40]) {
      const covered = coverage(photographs, 300)
      expect(covered, `${photographs} photographs`).toBeGreaterThan(0.92)
      expect(covered, `${photographs} photographs`).toBeLessThan(0.98)
    }
  })

  it('hold seldom where a patch only equals one of its controls, however far it is above the others', () => {
    const wrong = shareOf(200, seed => {
      const analysis = simulated({ photographs: 24, effects: [2, 2, 2], equalled: true, seed })
      return [0, 1, 2].some(patch => analysis.overControls(patch, 3)!.holds)
    })
    expect(wrong).toBeLessThanOrEqual(0.06)
  })
})

describe('suggestions on data of known truth', () => {
  it('without an effect are seldom reported to hold', () => {
    const nothing = Array(12).fill(0)
    const wrong = shareOf(
      100,
      seed => simulatedVerdict({ photographs: 24, effects: nothing, seed }).outcome === 'holds',
    )
    expect(wrong).toBeLessThanOrEqual(0.06)
  })

  it('with a large effect are found, as often as their power predicts', () => {
    const effects = [...Array(11).fill(0), 3]
    let power = 0
    const found = shareOf(60, seed => {
      const { outcome, tested } = simulatedVerdict({ photographs: 40, effects, seed })
      power += tested[0]!.power / 60
      return outcome === 'holds'
    })
    expect(found).toBeGreaterThan(0.85)
    expect(power).toBeGreaterThan(0.85)
  })

  it('claim nothing of too few photographs', () => {
    const verdict = simulatedVerdict({ photographs: 14, effects: [9], seed: 1 })
    expect(verdict).toMatchObject({ outcome: 'too few photographs', photographs: 7, minimum: 8 })
    expect(verdict.tested[0]!.overControls.holds).toBe(true)
  })
})
