import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { effectOf, overall, sumsOf } from '../../electron/engine/patch/experiment/effect.ts'
import { Analysis, resultsOf } from '../../electron/engine/patch/experiment/result.ts'
import { bestFor, columns, halvesOf, type TrialTable } from '../../electron/engine/patch/experiment/trial-table.ts'
import { Resampler } from '../../electron/engine/statistics/intervals.ts'
import { random } from '../fixtures/random.ts'
import { sharedFolder, skipReason } from '../fixtures/shared.ts'

const [SOURCE, TARGET, OTHER] = [1, 2, 3]

/** Trials by a rule: which class wins for a photograph, a patch and a geometry. */
function table(
  photographs: number,
  patches: number,
  geometries: number,
  wins: (photograph: number, patch: number, geometry: number) => number,
  before: (photograph: number) => number = () => SOURCE,
): TrialTable {
  const made = {
    source: SOURCE,
    target: TARGET,
    photographs,
    patches,
    geometries,
    before: columns(photographs),
    after: columns(photographs * patches * geometries),
  }
  for (let photograph = 0, at = 0; photograph < photographs; photograph++) {
    made.before.winner[photograph] = before(photograph)
    for (let patch = 0; patch < patches; patch++)
      for (let geometry = 0; geometry < geometries; geometry++, at++) {
        const winner = wins(photograph, patch, geometry)
        made.after.winner[at] = winner
        made.after.target[at] = winner === TARGET ? 0.8 : 0.1
        made.after.targetOdds[at] = winner === TARGET ? 3 : 0.5
      }
  }
  return made
}
const all = (n: number): number[] => Array.from({ length: n }, (_, k) => k)

describe('choices', () => {
  it('for each photograph take the largest log-odds of the target, whichever class wins', () => {
    const made = table(1, 1, 3, (_, __, geometry) => [OTHER, TARGET, TARGET][geometry]!)
    made.after.targetOdds.set([0.9, 0.3, 0.4])
    expect(bestFor(made, 0, 0)).toBe(0)
  })

  it('are made on one half and reported on the other, which share no photograph and as many correct ones', () => {
    const made = table(
      31,
      1,
      1,
      () => TARGET,
      photograph => (photograph % 3 === 0 ? SOURCE : OTHER),
    )
    const keys = all(31).map(k => `photograph ${k}`)
    const { chosenOn, reportedOn } = halvesOf(made, keys, 5)
    expect([...chosenOn, ...reportedOn].sort((a, b) => a - b)).toEqual(all(31))
    const correct = (half: readonly number[]) => half.filter(k => k % 3 === 0).length
    expect(Math.abs(correct(chosenOn) - correct(reportedOn))).toBeLessThanOrEqual(1)
    expect(Math.abs(chosenOn.length - reportedOn.length)).toBeLessThanOrEqual(1)
    expect(halvesOf(made, keys, 5)).toEqual({ chosenOn, reportedOn })
    expect(halvesOf(made, keys, 6)).not.toEqual({ chosenOn, reportedOn })
  })

  it('that fit one half by chance gain nothing on the other', () => {
    const uniform = random(11)
    const flips = Array.from({ length: 400 * 40 }, () => uniform() < 0.3)
    const made = table(400, 1, 40, (photograph, _, geometry) => (flips[photograph * 40 + geometry] ? TARGET : SOURCE))
    const design = {
      patches: [{ patch: 1, name: 'x', group: 'real' as const, of: [] }],
      sizes: all(40),
      places: [{ x: 0, y: 0 }],
      seed: 1,
      resamplings: 200,
    }
    const analysis = new Analysis(made, all(400).map(String), design)
    const { geometry } = analysis.chosen[0]!
    const onFirst = analysis.halves.chosenOn.filter(photograph => flips[photograph * 40 + geometry]).length
    expect(onFirst / 200).toBeGreaterThan(0.35)
    const { share } = analysis.staticEffect([{ column: 0, at: 0 }]).flipped
    expect(share.low).toBeLessThan(0.3)
    expect(share.high).toBeGreaterThan(0.3)
  })
})

describe('results', () => {
  it('count flips of correct photographs, and compare patches with controls photograph by photograph', () => {
    // 40 photographs, 10 of them wrong before. Real patches flip at geometry 1; noise never does.
    const made = table(
      40,
      4,
      2,
      (_, patch, geometry) => (patch < 2 && geometry === 1 ? TARGET : SOURCE),
      photograph => (photograph < 30 ? SOURCE : OTHER),
    )
    const patches = (['real', 'real', 'noise', 'noise'] as const).map((group, k) => ({
      patch: 10 + k,
      name: `p${k}`,
      group,
      of: group === 'real' ? [] : [0, 1],
    }))
    const places = [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ]
    const result = resultsOf(made, all(40).map(String), { patches, sizes: [0.3], places, seed: 0, resamplings: 300 })
    expect(result).toMatchObject({
      population: 40,
      correctBefore: 30,
      chosenOn: 20,
      reportedOn: 20,
      illustration: false,
    })
    const [real, , noise] = result.patches
    expect(real!.static.chosen).toEqual({ size: 0.3, position: 1, x: 1, y: 1 })
    expect(real!.dynamic.flipped).toMatchObject({ count: 30, of: 30 })
    expect(real!.dynamic.becameTarget).toMatchObject({ count: 40, of: 40 })
    expect(noise!.dynamic.flipped).toMatchObject({ count: 0, of: 30 })
    const over = { control: 'noise', difference: { value: 2.5, low: 2.5, high: 2.5 } }
    expect(real!.overControls).toMatchObject({ each: [over], smallest: over, holds: true })
    expect(noise!.overControls).toBeNull()
    expect(result.groups.map(({ group, patches: n }) => [group, n])).toEqual([
      ['real', 2],
      ['noise', 2],
    ])
    expect(result.groups[0]!.dynamic.flipped).toMatchObject({ count: 60, of: 60 })
    expect(result.differences).toHaveLength(1)
    expect(result.differences[0]!.dynamic.flipped).toMatchObject({ value: 1, photographs: 30 })
    expect(result.flipsByGeometry.flat().map(({ count }) => count)).toEqual([0, 60])
  })

  it('of no photograph, and of one, are no measurement', () => {
    const patches = [{ patch: 1, name: 'x', group: 'real' as const, of: [] }]
    const design = { patches, sizes: [0.3], places: [{ x: 0, y: 0 }], seed: 0, resamplings: 100 }
    const none = resultsOf(
      table(0, 1, 1, () => TARGET),
      [],
      design,
    )
    expect(none).toMatchObject({ population: 0, illustration: true })
    expect(none.patches[0]!.dynamic.flipped.share.interval).toBe('none')
    expect(none.patches[0]!.static.chosen).toBeNull()
    const one = resultsOf(
      table(1, 1, 1, () => TARGET),
      ['a'],
      design,
    )
    expect(one.patches[0]!.dynamic.flipped).toMatchObject({ count: 1, of: 1 })
    expect(one.patches[0]!.static.effect).toMatchObject({ photographs: 1, change: { interval: 'none' } })
  })

  it('of one size and place are of all photographs, and name no best of several patches', () => {
    const made = table(12, 3, 1, (_, patch) => (patch < 2 ? TARGET : SOURCE))
    const patches = (['real', 'real', 'mean'] as const).map((group, k) => ({
      patch: k,
      name: `p${k}`,
      group,
      of: group === 'real' ? [] : [0, 1],
    }))
    const design = { patches, sizes: [0.3], places: [{ x: 0, y: 0 }], seed: 0, resamplings: 100 }
    const given = resultsOf(made, all(12).map(String), design)
    expect(given).toMatchObject({ chosenOn: 0, reportedOn: 12 })
    expect(given.patches[0]!.static).toMatchObject({ chosen: { size: 0.3 }, effect: { photographs: 12 } })
    expect(given.differences[0]!.static.change.photographs).toBe(12)
    expect(given.groups.every(({ best }) => best === null)).toBe(true)
    expect(given.differences[0]!.best).toBeNull()
    // Two places are a choice, made on one half.
    const two = { ...design, places: [...design.places, { x: 1, y: 1 }] }
    const chosen = resultsOf(
      table(12, 3, 2, () => TARGET),
      all(12).map(String),
      two,
    )
    expect(chosen).toMatchObject({ chosenOn: 6, reportedOn: 6 })
    expect(chosen.groups[0]!.best).not.toBeNull()
  })
})

const counts = z.object({ flipped: z.int(), correctBefore: z.int(), flippedPercent: z.number() })
const Published = z.object({
  experiments: z.array(
    z.object({ patchSet: z.string(), patches: z.array(z.object({ static: counts, dynamic: counts })) }),
  ),
})
const published = sharedFolder('paper/results.json')

describe.skipIf(!published)(`the article's counts${published ? '' : ` (skipped: ${skipReason})`}`, () => {
  it('give the article’s percentages: 57.5 % dynamic and 37.2 % static', () => {
    const { experiments } = Published.parse(JSON.parse(readFileSync(published!, 'utf8')))
    const rates = { static: [] as ReturnType<typeof overall>[], dynamic: [] as ReturnType<typeof overall>[] }
    for (const { patches } of experiments) {
      const n = patches[0]!.static.correctBefore
      // At the first geometry as many flip as the article's static ones; with the second, as many as its dynamic ones.
      const made = table(n, patches.length, 2, (photograph, patch, geometry) => {
        const { static: fixed, dynamic } = patches[patch]!
        return (
          geometry === 0
            ? photograph < fixed.flipped
            : photograph >= fixed.flipped && photograph < dynamic.flipped
        )
          ? TARGET
          : SOURCE
      })
      const resampler = new Resampler(n, 200, 0)
      for (const kind of ['static', 'dynamic'] as const) {
        const choice = (photograph: number, patch: number) => (kind === 'static' ? 0 : bestFor(made, photograph, patch))
        const effect = (which: readonly number[]) =>
          effectOf(
            made,
            all(n),
            sumsOf(
              made,
              all(n),
              which.map(k => ({ column: k, at: k })),
              choice,
            ),
            resampler,
          )
        for (const [k, patch] of patches.entries()) {
          const { flipped, correctBefore } = effect([k])
          expect(correctBefore).toBe(patch[kind].correctBefore)
          expect(Number((100 * flipped.share.value).toFixed(1))).toBeCloseTo(patch[kind].flippedPercent, 1)
          expect(flipped.share.interval).toBe('wilson')
        }
        rates[kind].push(effect(all(patches.length)).flipped)
      }
    }
    const percent = (kind: 'static' | 'dynamic') => (100 * overall(rates[kind]).share.value).toFixed(1)
    expect(percent('dynamic')).toBe('57.5')
    expect(percent('static')).toBe('37.2')
  })
})
