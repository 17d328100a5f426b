import { expect, test } from 'vitest'
import { recognition } from '../../electron/engine/inversion/recognition.ts'

const directions = Float32Array.of(1, 0, 0, 0.8, 0.6, 0, 0, 0, 1)

test('an icon is nearest to its own direction, and its chance level is the mean cosine to the others', () => {
  const { rank, chance } = recognition(Float32Array.of(2, 0, 0), directions, 0)
  expect(rank).toBe(1)
  expect(chance).toBeCloseTo((0.8 + 0) / 2, 6)
})

test('an icon that another cell describes better has rank 2, and equal cosines do not flatter it', () => {
  expect(recognition(Float32Array.of(0.8, 0.6, 0), directions, 0).rank).toBe(2)
  expect(recognition(Float32Array.of(0, 0, 0), directions, 1).rank).toBe(3)
})

test('with the mean subtracted, what all directions share no longer counts', () => {
  const mean = Float32Array.of(1, 0, 0)
  const near = Float32Array.of(1.2, 0.1, 0, 1.2, 0, 0.1)
  const activation = Float32Array.of(1.2, 0.05, 0.02)
  expect(recognition(activation, near, 0).chance).toBeGreaterThan(0.99)
  expect(recognition(activation, near, 0, mean)).toMatchObject({ rank: 1 })
  expect(recognition(activation, near, 1, mean).rank).toBe(2)
})

test('a direction that does not exist is refused', () => {
  expect(() => recognition(Float32Array.of(1, 0, 0), directions, 3)).toThrow(RangeError)
})
