import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coarseToFine } from '../../electron/engine/image/grid.ts'

describe('the positions of a photograph', () => {
  it('are made each once', () => {
    const extent = fc.integer({ min: 1, max: 30 })
    fc.assert(
      fc.property(extent, extent, (height, width) => {
        const order = coarseToFine(height, width)
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: height * width }, (_, at) => at))
      }),
    )
  })

  it('begin as a net of even meshes, which gets finer', () => {
    const meshOf = (count: number): readonly number[] => {
      const rows = [
        ...new Set(
          coarseToFine(14, 14)
            .slice(0, count)
            .map(at => Math.floor(at / 14)),
        ),
      ].sort((a, b) => a - b)
      return rows.slice(1).map((row, k) => row - rows[k]!)
    }
    expect(meshOf(16)).toEqual([4, 4, 4])
    expect(meshOf(49)).toEqual([2, 2, 2, 2, 2, 2])
    expect(meshOf(196)).toEqual(Array(13).fill(1))
  })
})
