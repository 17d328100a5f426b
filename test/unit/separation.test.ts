import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MIN_PHOTOGRAPHS } from '../../electron/contract/inference.ts'
import { comparisonAxis } from '../../electron/engine/class-atlas/axis.ts'
import {
  type ComparedCell,
  type ComparedMap,
  isSignificant,
  ranked,
  separation,
  swapped,
} from '../../electron/engine/comparison/separation.ts'

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

  it('puts samples with the same attribution to both classes in the middle', () => {
    expect(comparisonAxis(new Float64Array(4))).toEqual({ x: new Float64Array(4).fill(0.5), scale: 1, clipped: 0 })
  })
})

const cell = (i: number, low: number, high: number, significant: boolean, photographs = 20): ComparedCell => ({
  ...{ i, j: 0, count: 2 * photographs, photographs, lean: 0, otherClasses: [], left: 0, right: (low + high) / 2 },
  ...{ difference: (low + high) / 2, interval: photographs < MIN_PHOTOGRAPHS ? null : { low, high }, significant },
})

describe('the cells that separate two classes', () => {
  const strong = cell(0, 1.9, 2.2, true)
  const weak = cell(1, 0.9, 1.2, true)
  const other = cell(2, -3.1, -2.9, true)
  // Beyond 0, but not beyond the mean of the map.
  const average = cell(3, 2.5, 3, false)
  const unsure = cell(4, -1, 6, false)
  const few = cell(5, 8, 9, false, MIN_PHOTOGRAPHS - 1)

  it('come in the order of what is significant, of either side or of both, those without an interval last', () => {
    const all = [few, unsure, weak, average, other, strong]
    const rows = (toward: 'left' | 'right' | 'both') => ranked(all, toward).map(({ i }) => i)
    expect(rows('both')).toEqual([2, 0, 1, 3, 4, 5])
    expect(rows('right')).toEqual([0, 1, 3, 4, 5])
    expect(rows('left')).toEqual([2])
  })

  it('are significant beyond 0 and beyond the mean, with enough photographs, in a cross-fitted map only', () => {
    const interval = { low: 1, high: 2 }
    const found = { mean: 1.5, photographs: 20, interval }
    expect(isSignificant(found, { mean: 0.2, crossFitted: true })).toBe(true)
    expect(isSignificant(found, { mean: 1.5, crossFitted: true })).toBe(false)
    expect(isSignificant(found, { mean: 0.2, crossFitted: false })).toBe(false)
    expect(isSignificant({ ...found, interval: null }, { mean: 0, crossFitted: true })).toBe(false)
  })

  it('mirror when sides are swapped, and come back', () => {
    const map: ComparedMap = { cells: [strong, weak, other, unsure, few], tested: 4, mean: 0.4, crossFitted: true }
    const turned = swapped(map)
    expect(turned.mean).toBe(-0.4)
    for (const [at, each] of turned.cells.entries()) {
      expect(each.difference).toBe(-map.cells[at]!.difference)
      expect(separation(each)).toBe(separation(map.cells[at]!))
      if (each.interval) expect(each.interval.low).toBeLessThanOrEqual(each.interval.high)
    }
    expect(swapped(turned).cells.map(({ interval }) => interval)).toEqual(map.cells.map(({ interval }) => interval))
  })
})
