import { describe, expect, it } from 'vitest'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { simulate } from '../fixtures/simulated-maps.ts'
import { type Errors, familyWiseError } from '../fixtures/skewed-cells.ts'

/** Maps of each kind. At 500, a share of .05 is found within .03 to .07 in 95 of 100 runs; seeds are fixed. */
const MAPS = 500
const shown = (name: string, found: object): void => {
  process.stdout.write(`${name}: ${JSON.stringify(found)}\n`)
}

describe('the cells of a comparison without any difference', () => {
  it.each([
    { photographs: 60, channels: 20, columns: 2, rows: 1 },
    { photographs: 100, channels: 2, columns: 3, rows: 3 },
    { photographs: 100, channels: 30, columns: 4, rows: 4 },
    { photographs: 300, channels: 100, columns: 10, rows: 4 },
  ])('are rarely called significant: %o', async kind => {
    for (const mean of [0, 0.5]) {
      const found = await simulate({ ...kind, mean, signal: 0, placed: 'cross-fitted' }, MAPS, 1)
      shown(`no difference, mean ${mean}`, found)
      expect(found.familyWise).toBeLessThanOrEqual(0.06)
      expect(found.anySignificant).toBeLessThanOrEqual(0.06)
      expect(found.coverage).toBeGreaterThanOrEqual(0.93)
      expect(found.coverage).toBeLessThanOrEqual(0.97)
    }
  })
})

describe('the intervals of cells with a difference', () => {
  it.each([
    // Two rows at the minimum of photographs, and cells of tens and hundreds.
    { photographs: 4 * MIN_PHOTOGRAPHS, channels: 10, columns: 2, rows: 2 },
    { photographs: 100, channels: 30, columns: 3, rows: 3 },
    { photographs: 300, channels: 100, columns: 4, rows: 4 },
  ])('cover the true mean: %o', async kind => {
    for (const signal of [0.5, 1]) {
      const found = await simulate({ ...kind, signal, placed: 'cross-fitted' }, MAPS, 2)
      shown(`signal ${signal}`, found)
      expect(found.coverage).toBeGreaterThanOrEqual(0.93)
      expect(found.coverage).toBeLessThanOrEqual(0.97)
      expect(found.familyWise).toBeLessThanOrEqual(0.06)
    }
  })

  it('find a difference as large as the error, with 300 photographs on 16 cells, in half of the cells', async () => {
    const found = await simulate(
      { photographs: 300, channels: 30, columns: 4, rows: 4, signal: 1, placed: 'cross-fitted' },
      MAPS,
      3,
    )
    shown('power', found)
    expect(found.significant).toBeGreaterThan(0.45)
  })
})

describe('the cells of a class atlas', () => {
  it.each([
    // With few cells more maps: intervals of the minimum of photographs cover 96.8 %, close to the limit.
    { photographs: 4 * MIN_PHOTOGRAPHS, channels: 10, columns: 2, rows: 2, maps: 4 * MAPS },
    { photographs: 300, channels: 30, columns: 4, rows: 4, maps: MAPS },
  ])('are covered, and rarely significant where they carry nothing: %o', async ({ maps, ...kind }) => {
    for (const signal of [0, 1]) {
      const found = await simulate({ ...kind, mean: 1, signal, placed: 'activations' }, maps, 5)
      shown(`class atlas, signal ${signal}`, found)
      expect(found.coverage).toBeGreaterThanOrEqual(0.93)
      expect(found.coverage).toBeLessThanOrEqual(0.97)
      expect(found.familyWise).toBeLessThanOrEqual(0.06)
      if (signal === 0) expect(found.anySignificant).toBeLessThanOrEqual(0.06)
    }
  })
})

describe('the intervals of cells with errors as skewed as an exponential distribution', () => {
  it.each([
    { photographs: 4 * MIN_PHOTOGRAPHS, channels: 10, columns: 2, rows: 2 },
    { photographs: 100, channels: 10, columns: 2, rows: 2 },
    { photographs: 100, channels: 10, columns: 4, rows: 4 },
  ])('cover the true mean from the minimum of photographs on: %o', async kind => {
    for (const placed of ['activations', 'cross-fitted'] as const)
      for (const signal of [0, 0.5]) {
        const found = await simulate({ ...kind, mean: 1, skewed: true, signal, placed }, MAPS, 6)
        shown(`skewed, ${placed}, signal ${signal}`, found)
        expect(found.familyWise).toBeLessThanOrEqual(0.06)
        expect(found.coverage).toBeGreaterThanOrEqual(0.93)
        expect(found.coverage).toBeLessThanOrEqual(0.97)
      }
  })
})

describe('the intervals of cells whose values are errors alone', () => {
  const kinds: readonly (readonly Errors[])[] = [['normal'], ['exponential'], ['normal', 'exponential'], ['log-normal']]
  it.each(kinds.flatMap(errors => [false, true].map(clustered => ({ errors, clustered }))))(
    'all cover 0 in at least 94 % of the maps: %o',
    ({ errors, clustered }) => {
      for (const cells of [2, 4, 20])
        for (const photographs of [MIN_PHOTOGRAPHS, 12, 24, 60]) {
          const kind = { errors, clustered, unequal: cells === 4 ? 0.5 : 0, cells, photographs }
          // With two cells more maps: of 8 photographs each 5.8 % miss one, close to the limit.
          const missed = familyWiseError(kind, cells === 2 ? 4 * MAPS : 2 * MAPS)
          shown('any cell missed', { ...kind, missed })
          expect(missed, JSON.stringify(kind)).toBeLessThanOrEqual(0.06)
        }
    },
  )
})
