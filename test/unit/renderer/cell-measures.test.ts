import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dimmed, histogram, measured } from '../../../renderer/atlas/cell-measures.ts'
import { classColour } from '../../../renderer/atlas/colours.ts'
import { PLAIN, writeLook } from '../../../renderer/atlas/look.ts'
import { syntheticCells } from '../../../renderer/dev/synthetic.ts'
import { classMeasure } from '../../../renderer/state/cell-range.ts'
import { ordered } from '../../../renderer/table/order.ts'

const values = fc.array(fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(Number.NaN)), {
  minLength: 1,
})

describe('cells by a measure', () => {
  it('are ordered either way, those without a value last, and none is lost', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (given, descending) => {
        const order = ordered(given, descending)
        expect([...order].sort((a, b) => a - b)).toEqual([...given.keys()])
        const known = order.map(k => given[k]!).filter(value => !Number.isNaN(value))
        for (const [k, value] of known.entries())
          if (k > 0) expect(descending ? value <= known[k - 1]! : value >= known[k - 1]!).toBe(true)
        expect(order.slice(known.length).every(k => Number.isNaN(given[k]!))).toBe(true)
      }),
    )
  })
  it('add up in a histogram to those that have a value', () => {
    fc.assert(
      fc.property(values, given => {
        const known = given.filter(value => !Number.isNaN(value))
        const found = histogram(given, 7)
        expect(found === undefined).toBe(known.length === 0)
        if (known.length === 0) return
        expect(found!.counts.reduce((a, b) => a + b, 0)).toBe(known.length)
        expect([found!.low, found!.high]).toEqual([Math.min(...known), Math.max(...known)])
      }),
    )
  })
  it('have a spread of the grid that it was computed for, and of no other', () => {
    const cells = { ...syntheticCells(10, { seed: 1, samples: 2000 }) }
    const spread = Float32Array.from(cells.i, (_, k) => k / 100)
    expect(measured('spread', cells, PLAIN, [], { grid: 10, values: spread })).toBe(spread)
    expect(measured('spread', cells, PLAIN, [], { grid: 20, values: spread })).toBeUndefined()
    expect(measured('spread', cells, PLAIN, [])).toBeUndefined()
  })
  it('are dimmed on the map outside of a range, with and without a filter', () => {
    const range = { measure: 'samples', low: 2, high: 4 } as const
    const strengths = (look: Parameters<typeof writeLook>[0]): number[] => {
      const out = new Uint8Array(16)
      writeLook(look, 4, out)
      return [3, 7, 11, 15].map(k => out[k]!)
    }
    const samples = [1, 2, 4, 5]
    expect(strengths(dimmed(PLAIN, samples, range))).toEqual([0, 255, 255, 0])
    const classes = [{ colour: classColour(0), values: Float32Array.of(8, 8, 4, 8), maximum: 8 }]
    expect(strengths(dimmed({ mode: 'heat', sign: 'for', classes }, samples, range))).toEqual([0, 255, 128, 0])
  })
  it('have the attribution of a class of the filter only', () => {
    const cells = syntheticCells(10, { seed: 1, samples: 1000 })
    const own = new Float32Array(cells.i.length).fill(3)
    const look = { ...PLAIN, classes: [{ colour: classColour(0), values: own, maximum: 3 }] }
    expect(measured(classMeasure(7), cells, look, [7])).toBe(own)
    expect(measured(classMeasure(8), cells, look, [7])).toBeUndefined()
    expect(measured('samples', cells, look, [7])).toBe(cells.count)
  })
})
