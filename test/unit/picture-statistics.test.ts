import { expect, test } from 'vitest'
import { correlation, type Square, spectrumOf, totalVariation } from '../bench/picture-statistics.ts'

/** A grey picture of a brightness at every pixel. */
const picture = (size: number, at: (row: number, column: number) => number): Square => ({
  size,
  rgb: Uint8Array.from({ length: 3 * size * size }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return Math.round(255 * at(Math.floor(pixel / size), pixel % size))
  }),
})
const wave = (cycles: number, phase = 0) =>
  picture(64, (_, x) => 0.5 + 0.4 * Math.sin((2 * Math.PI * cycles * x) / 64 + phase))

test('total variation is 0 for a flat picture and the step per pixel for a ramp', () => {
  expect(totalVariation(picture(32, () => 0.3))).toBe(0)
  expect(totalVariation(picture(32, (_, x) => x / 51))).toBeCloseTo((1 / 51) * (31 / 32), 6)
})

test('a slow wave is a large shape and a fast one fine texture', () => {
  const [slow, fast, middle] = [spectrumOf(wave(2)), spectrumOf(wave(20)), spectrumOf(wave(9))]
  expect(slow.large).toBeGreaterThan(0.95)
  expect(slow.fine).toBeLessThan(0.01)
  expect(fast.fine).toBeGreaterThan(0.95)
  expect(middle.fine + middle.large).toBeLessThan(0.05)
  expect(spectrumOf(picture(32, () => 1))).toEqual({ fine: 0, large: 0 })
})

test('a picture correlates with itself, inversely with its negative, and not with a shifted wave', () => {
  const positive = wave(3)
  expect(correlation(positive, positive)).toBeCloseTo(1, 6)
  expect(correlation(positive, { size: 64, rgb: positive.rgb.map(value => 255 - value) })).toBeCloseTo(-1, 6)
  expect(Math.abs(correlation(positive, wave(3, Math.PI / 2)))).toBeLessThan(0.01)
})
