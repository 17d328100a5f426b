import fc from 'fast-check'
import { expect, test } from 'vitest'
import { centreOf } from '../../electron/engine/query/crop-tile.ts'

test('a crop is the middle half of a receptive field, inside of the photograph', () => {
  expect(centreOf({ left: 0.2, top: 0.3, right: 0.6, bottom: 0.7 })).toEqual({
    left: expect.closeTo(0.3),
    top: expect.closeTo(0.4),
    right: expect.closeTo(0.5),
    bottom: expect.closeTo(0.6),
  })
  const edge = fc.double({ min: -1.5, max: 1.5, noNaN: true })
  const length = fc.double({ min: 0.01, max: 3, noNaN: true })
  fc.assert(
    fc.property(edge, edge, length, length, (left, top, width, height) => {
      const box = centreOf({ left, top, right: left + width, bottom: top + height })
      expect(box.left).toBeGreaterThanOrEqual(0)
      expect(box.top).toBeGreaterThanOrEqual(0)
      expect(box.right).toBeLessThanOrEqual(1 + 1e-12)
      expect(box.bottom).toBeLessThanOrEqual(1 + 1e-12)
      expect(box.right - box.left).toBeCloseTo(Math.min(1, width / 2))
      expect(box.bottom - box.top).toBeCloseTo(Math.min(1, height / 2))
    }),
  )
})
