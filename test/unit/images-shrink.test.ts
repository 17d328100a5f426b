import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shrink } from '../../electron/engine/images/shrink.ts'

/** The mean of a picture's channels. */
const mean = (rgb: Uint8Array): number => rgb.reduce((sum, value) => sum + value, 0) / rgb.length

test('a picture of one colour keeps it, and any picture its mean', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (a, b, seed) => {
      const [edge, to] = [Math.max(a, b), Math.min(a, b)]
      expect(new Set(shrink(new Uint8Array(3 * edge * edge).fill(77), edge, to))).toEqual(new Set([77]))
      const rgb = Uint8Array.from({ length: 3 * edge * edge }, (_, p) => (p * 7919 + seed) % 256)
      expect(Math.abs(mean(shrink(rgb, edge, to)) - mean(rgb))).toBeLessThan(1)
    }),
  )
})

test('halved, every pixel is the mean of four', () => {
  const rgb = Uint8Array.from([0, 4, 8, 12].flatMap(value => [value, value + 100, value + 200]))
  expect([...shrink(rgb, 2, 1)]).toEqual([6, 106, 206])
})
