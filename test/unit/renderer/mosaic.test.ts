import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coarseToFine } from '../../../electron/engine/image/grid.ts'
import { mosaic } from '../../../renderer/image/mosaic.ts'

/** A grid whose first so many icons are made. */
const after = (made: number, height: number, width: number): (string | null)[] => {
  const icons: (string | null)[] = Array(height * width).fill(null)
  for (const at of coarseToFine(height, width).slice(0, made)) icons[at] = `icon ${at}`
  return icons
}

const spansOf = (made: number): Record<number, number> => {
  const spans: Record<number, number> = {}
  for (const { span } of mosaic(after(made, 14, 14), 14, 14)) spans[span] = (spans[span] ?? 0) + 1
  return spans
}

describe('a mosaic', () => {
  it('covers the whole photograph by the first 16 icons of 14 by 14, then by 49, then by all', () => {
    // The block in the corner is no larger than a finer one.
    expect(spansOf(16)).toEqual({ 4: 15, 2: 1 })
    expect(spansOf(49)).toEqual({ 2: 49 })
    expect(spansOf(196)).toEqual({ 1: 196 })
  })

  it('shows every icon that is made, upon its own position, and no tile twice', () => {
    const extent = fc.integer({ min: 1, max: 15 })
    fc.assert(
      fc.property(extent, extent, fc.double({ min: 0, max: 1, noNaN: true }), (height, width, share) => {
        const icons = after(Math.round(share * height * width), height, width)
        const tiles = mosaic(icons, height, width)
        expect(new Set(tiles.map(({ icon }) => icon))).toEqual(new Set(icons.filter(icon => icon !== null)))
        expect(new Set(tiles.map(({ row, column, span }) => `${row} ${column} ${span}`)).size).toBe(tiles.length)
        for (const { icon, row, column, span } of tiles) {
          const at = icons.indexOf(icon)
          const [y, x] = [Math.floor(at / width) - row, (at % width) - column]
          expect(y >= 0 && y < span && x >= 0 && x < span).toBe(true)
        }
      }),
    )
  })
})
