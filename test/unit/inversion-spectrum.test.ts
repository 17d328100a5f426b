import { describe, expect, test } from 'vitest'
import { spectrum, startingSpectrum } from '../../electron/engine/inversion/spectrum.ts'
import { normals } from '../fixtures/random.ts'

/** The definition: real part of the inverse Fourier transform over the Hermitian spectrum, by its sums. */
function naive(S: Float32Array, size: number): Float64Array {
  const half = size / 2 + 1
  const image = new Float64Array(size * size)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let fy = 0; fy < size; fy++)
        for (let fx = 0; fx < size; fx++) {
          // The missing half is the complex conjugate at the opposite frequency.
          const mirrored = fx >= half
          const [ky, kx] = mirrored ? [(size - fy) % size, size - fx] : [fy, fx]
          const vertical = (ky < size / 2 ? ky : ky - size) / size
          const scale = size / Math.max(Math.hypot(vertical, kx / size), 1 / size)
          const re = S[ky * half + kx]! * scale
          const im = (mirrored ? -1 : 1) * S[(size + ky) * half + kx]! * scale
          const angle = (2 * Math.PI * (fy * y + fx * x)) / size
          image[y * size + x]! += (re * Math.cos(angle) - im * Math.sin(angle)) / (4 * size * size)
        }
  return image
}

describe('the spectrum of an image', () => {
  const size = 8
  const half = size / 2 + 1

  test('two real matrix products are the inverse Fourier transform', () => {
    const S = normals(1, 2 * size * half)
    // At the frequencies that are their own opposite, a real image has no imaginary part, and irfft2 ignores it
    // along x; the definition above would keep it along y, so it is set to zero there.
    for (const fx of [0, size / 2])
      for (let fy = 0; fy < size; fy++) {
        const opposite = (size - fy) % size
        if (opposite < fy) {
          S[fy * half + fx] = S[opposite * half + fx]!
          S[(size + fy) * half + fx] = -S[(size + opposite) * half + fx]!
        } else if (opposite === fy) S[(size + fy) * half + fx] = 0
      }
    const { scale, alongY, alongX } = spectrum(size)
    const lines = (y: number, part: number, fx: number): number => {
      let sum = 0
      for (let f = 0; f < 2 * size; f++)
        sum += alongY.data[(y * 2 + part) * 2 * size + f]! * S[f * half + fx]! * scale.data[f * half + fx]!
      return sum
    }
    const expected = naive(S, size)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        let sum = 0
        for (let fx = 0; fx < half; fx++)
          sum +=
            alongX.data[x * 2 * half + fx]! * lines(y, 0, fx) + alongX.data[x * 2 * half + half + fx]! * lines(y, 1, fx)
        expect(sum).toBeCloseTo(expected[y * size + x]!, 5)
      }
  })

  test('a starting spectrum depends on its direction, the seed and the attempt, not on its batch', () => {
    const [a, b] = [new Uint8Array([1]), new Uint8Array([2])]
    const columns = (hashes: Uint8Array[], icon: number, seed = 0, attempt = 0): number[] => {
      const { data, dims } = startingSpectrum(size, seed, attempt, hashes)
      return Array.from(data).filter((_, i) => Math.floor((i % dims[2]!) / 3) === icon)
    }
    expect(columns([a, b], 1)).toEqual(columns([b], 0))
    expect(columns([a], 0)).not.toEqual(columns([b], 0))
    expect(columns([a], 0, 1)).not.toEqual(columns([a], 0))
    expect(columns([a], 0, 0, 1)).not.toEqual(columns([a], 0))
  })

  test('the starting numbers are normal with deviation .01', () => {
    const { data } = startingSpectrum(64, 0, 0, [new Uint8Array([7])])
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)
    expect(Math.abs(mean)).toBeLessThan(0.0003)
    expect(deviation).toBeGreaterThan(0.0097)
    expect(deviation).toBeLessThan(0.0103)
  })

  test('an odd edge has no Hermitian half', () => expect(() => spectrum(9)).toThrow(/even/))
})
