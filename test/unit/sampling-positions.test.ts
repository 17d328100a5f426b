import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  centreOf,
  coarsest,
  coverageOf,
  type Extent,
  type Position,
  positionsIn,
  positionsPerImage,
  unitAt,
} from '../../electron/engine/sampling/positions.ts'

const mixed5b = { height: 7, width: 7 }
const extent = fc.record({ height: fc.integer({ min: 1, max: 60 }), width: fc.integer({ min: 1, max: 60 }) })
const unitName = (position: Position, layer: Extent): string => {
  const { y, x } = unitAt(position, layer)
  return `${y},${x}`
}

describe('positions in a photograph', () => {
  it('has 5 × 5 inner units at mixed5b', () => {
    expect(positionsPerImage(mixed5b)).toBe(25)
  })

  it('visits every inner unit once at the maximum count, and no other', () => {
    const units = positionsIn(1, 'abc', 25, mixed5b).map(position => unitName(position, mixed5b))
    const inner = [1, 2, 3, 4, 5].flatMap(y => [1, 2, 3, 4, 5].map(x => `${y},${x}`))
    expect(units.toSorted()).toEqual(inner.toSorted())
  })

  it('stays in distinct units and inside every layer, whatever the resolutions', () => {
    fc.assert(
      fc.property(extent, extent, fc.integer(), fc.string(), (coarse, layer, seed, image) => {
        const count = Math.min(positionsPerImage(coarse), 40)
        const positions = positionsIn(seed, image, count, coarse)
        expect(new Set(positions.map(position => unitName(position, coarse))).size).toBe(count)
        for (const position of positions) {
          const { y, x } = unitAt(position, layer)
          expect(y >= 0 && y < layer.height && x >= 0 && x < layer.width).toBe(true)
        }
      }),
    )
  })

  it('starts with the positions of a smaller count', () => {
    expect(positionsIn(7, 'abc', 9, mixed5b).slice(0, 4)).toEqual(positionsIn(7, 'abc', 4, mixed5b))
  })

  it('depends on the seed and on the image', () => {
    const of = (seed: number, image: string) => positionsIn(seed, image, 5, mixed5b)
    expect(of(1, 'abc')).toEqual(of(1, 'abc'))
    expect(of(1, 'abc')).not.toEqual(of(2, 'abc'))
    expect(of(1, 'abc')).not.toEqual(of(1, 'abd'))
  })

  it('may be on the edge of the frame: then every unit is visited equally often, so that densities need no weights', () => {
    expect(positionsPerImage(mixed5b, 'include')).toBe(49)
    const units = positionsIn(1, 'abc', 49, mixed5b, 'include').map(position => unitName(position, mixed5b))
    expect(new Set(units).size).toBe(49)
    for (const [border, reachable] of [
      ['exclude', 25],
      ['include', 49],
    ] as const) {
      const visits = new Map<string, number>()
      const images = 4_000
      for (let image = 0; image < images; image++)
        for (const position of positionsIn(3, String(image), 2, mixed5b, border))
          visits.set(unitName(position, mixed5b), (visits.get(unitName(position, mixed5b)) ?? 0) + 1)
      const expected = (2 * images) / reachable
      const chi = [...visits.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
      expect(visits.size).toBe(reachable)
      // One in a thousand for 48 degrees of freedom.
      expect(chi).toBeLessThan(84)
      expect(coverageOf(mixed5b, border, 2)).toEqual({
        units: 49,
        reachable: reachable / 49,
        perPhotograph: 2 / 49,
        border,
      })
    }
    expect(() => positionsIn(1, 'abc', 50, mixed5b, 'include')).toThrow(/has 49 units;/)
  })

  it('visits all inner units and all places inside them equally often', () => {
    const visits = new Map<string, number>()
    let v = 0
    for (let image = 0; image < 5_000; image++) {
      const position = positionsIn(3, String(image), 1, mixed5b)[0]!
      const unit = unitName(position, mixed5b)
      visits.set(unit, (visits.get(unit) ?? 0) + 1)
      v += (position.v * 7) % 1
    }
    // 200 each are expected; five standard deviations are 69.
    expect([...visits.values()].every(n => n > 130 && n < 270)).toBe(true)
    expect(v / 5_000).toBeCloseTo(0.5, 1)
  })

  it('refuses more than there are units', () => {
    expect(() => positionsIn(1, 'abc', 26, mixed5b)).toThrow(/has 25 units/)
  })

  it('maps the centre of a unit back to the unit', () => {
    fc.assert(
      fc.property(extent, fc.nat(), fc.nat(), (layer, a, b) => {
        const y = a % layer.height
        const x = b % layer.width
        expect(unitAt(centreOf(y, x, layer), layer)).toEqual({ y, x })
      }),
    )
  })

  it('finds the coarsest layer', () => {
    expect(coarsest([{ height: 28, width: 28 }, mixed5b, { height: 14, width: 14 }])).toBe(mixed5b)
  })
})
