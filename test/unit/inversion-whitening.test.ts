import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { invertSymmetric } from '../../electron/engine/inversion/inverse.ts'
import { type Moment, whiten, whitening } from '../../electron/engine/inversion/whitening.ts'
import { normals } from '../fixtures/random.ts'

/** @param each samples of a photograph */
function momentOf(samples: Float32Array, channels: number, each = 1): Moment {
  const count = samples.length / channels
  const products = new Float64Array(channels * channels)
  const sums = new Float64Array(channels)
  let squares = 0
  let own = new Float64Array(channels * channels)
  for (let s = 0; s < count; s++) {
    const a = samples.subarray(s * channels, (s + 1) * channels)
    if (s % each === 0) own = new Float64Array(channels * channels)
    for (let i = 0; i < channels; i++) for (let j = 0; j < channels; j++) own[i * channels + j]! += a[i]! * a[j]!
    if (s % each === each - 1) squares += own.reduce((sum, x) => sum + x * x, 0)
    for (let i = 0; i < channels; i++) sums[i]! += a[i]!
    for (let i = 0; i < channels; i++) for (let j = 0; j < channels; j++) products[i * channels + j]! += a[i]! * a[j]!
  }
  return { channels, samples: count, products, photographs: count / each, squares, sums }
}

describe('whitening', () => {
  const channels = 6

  test('S·(C + ridge) is the identity', () => {
    const moment = momentOf(normals(1, 500 * channels), channels)
    const { matrix, shrinkage } = whitening(moment, 1e-3)
    expect(shrinkage).toBe(0)
    const mean = moment.products.map(product => product / moment.samples)
    const level = [0, 1, 2, 3, 4, 5].reduce((sum, k) => sum + mean[k * 7]!, 0) / channels
    for (let i = 0; i < channels; i++)
      for (let j = 0; j < channels; j++) {
        let sum = 0
        for (let k = 0; k < channels; k++)
          sum += matrix[i * channels + k]! * (mean[k * channels + j]! + (k === j ? 1e-3 * level : 0))
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 9)
      }
  })

  test('a channel that never fires is refused without a ridge and carried with one', () => {
    const samples = normals(2, 500 * channels).map((value, i) => (i % channels === 3 ? 0 : value))
    const moment = momentOf(samples, channels)
    expect(() => whitening(moment, 0)).toThrow(/singular .*ridge/)
    expect(whitening(moment, 1e-3).matrix.every(Number.isFinite)).toBe(true)
  })

  test('few samples are shrunk, the fewer the more, and the result is nearer to the truth', () => {
    // Channels of very different strength: a multiple of the identity is not the truth, only a safe guess.
    const drawn = (count: number): Moment =>
      momentOf(
        normals(count, count * channels).map((value, i) => value * (1 + (i % channels))),
        channels,
      )
    const error = (values: Float64Array): number =>
      values.reduce((sum, value, i) => sum + (value - (i % 7 === 0 ? (1 + i / 7) ** 2 : 0)) ** 2, 0)
    const shrinkage = (count: number): number => whitening(drawn(count), 0).shrinkage
    expect(shrinkage(8)).toBeGreaterThan(shrinkage(100))
    const few = drawn(8)
    expect(error(whitening(few, 0).moment)).toBeLessThan(error(few.products.map(product => product / few.samples)))
  })

  test('samples that repeat their photograph shrink as much as one of each', () => {
    const once = normals(5, 30 * channels).map((value, i) => value * (1 + (i % channels)))
    const repeated = Float32Array.from({ length: 4 * once.length }, (_, i) => {
      const [row, channel] = [Math.floor(i / channels), i % channels]
      return once[Math.floor(row / 4) * channels + channel]!
    })
    const honest = whitening(momentOf(once, channels), 0).shrinkage
    expect(honest).toBeGreaterThan(0.01)
    expect(whitening(momentOf(repeated, channels, 4), 0).shrinkage).toBeCloseTo(honest, 9)
    // Counted as independent, four times as many samples would hardly be shrunk.
    expect(whitening(momentOf(repeated, channels), 0).shrinkage).toBeLessThan(0.5 * honest)
  })

  test('directions are multiplied from the left', () => {
    const matrix = Float64Array.from([1, 2, 3, 4])
    const given = { channels: 2, ridge: 0, shrinkage: 0, matrix, moment: matrix }
    expect(Array.from(whiten(Float32Array.from([1, 10, 0, 1]), given))).toEqual([31, 42, 3, 4])
  })
})

describe('the inverse of a symmetric matrix', () => {
  test('has the bytes that ml-matrix gives, whatever its size', () => {
    for (const n of [1, 2, 3, 4, 5, 9, 33, 64]) {
      const { products } = momentOf(normals(n, 3 * n * n), n)
      const values = products.map((value, i) => value + (i % (n + 1) === 0 ? 0.01 : 0))
      const theirs = new CholeskyDecomposition(Matrix.from1DArray(n, n, values)).solve(Matrix.eye(n)).to1DArray()
      expect(invertSymmetric(values, n)).toEqual(Float64Array.from(theirs))
    }
  })

  test('is not there for one that is singular, indefinite or not symmetric', () => {
    expect(invertSymmetric(Float64Array.of(1, 1, 1, 1), 2)).toBeUndefined()
    expect(invertSymmetric(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined()
    expect(invertSymmetric(Float64Array.of(1, 0.1, 0.2, 1), 2)).toBeUndefined()
  })
})
