import fc from 'fast-check'
import { expect, test } from 'vitest'
import { besidePointer } from '../../../renderer/ui/tip-place.ts'

test('a tooltip is placed next to the pointer and never beyond an edge that it fits between', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 300, max: 1000 }), (at, width) => {
      const x = Math.min(at, width)
      const place = besidePointer(x, width, 300)
      const left = 'left' in place ? place.left : width - place.right - 300
      expect(left).toBeGreaterThanOrEqual(0)
      expect(left + 300).toBeLessThanOrEqual(width)
    }),
  )
  expect(besidePointer(100, 1000, 300)).toEqual({ left: 114 })
  expect(besidePointer(900, 1000, 300)).toEqual({ right: 112 })
})
