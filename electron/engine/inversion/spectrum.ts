import { float32, type TypedTensor } from '../onnx/tensor.ts'
import { Random } from '../random/random.ts'

/**
 * The image as its own Fourier spectrum, each frequency divided by its magnitude, so that all scales are learned
 * equally (lucid `fft_image`; Feature Visualization, Distill 2017):
 *   x = irfft2(S · √(wh)/max(f, 1/max(w, h))) / 4
 * Written as two real matrix products, first along y, then along x, over the rows and columns in the window:
 * exact, differentiable by transposition, and cheap, because only the window is computed.
 *
 * Here S is [2h, w/2+1, K]: real parts of all h vertical frequencies, then imaginary parts; K = 3 colours × batch.
 */
interface Spectrum {
  /** [2h, w/2+1, 1]: √(wh)/max(f, 1/max(w, h)) with f in cycles per pixel. */
  readonly scale: TypedTensor<'float32'>
  /** [h, 2, 2h]: row y of the inverse transform along y, giving the real and the imaginary part. */
  readonly alongY: TypedTensor<'float32'>
  /** [w, 2(w/2+1)]: row x of the inverse transform along x with Hermitian weights 1, 2, …, 2, 1; also /(wh) and /4. */
  readonly alongX: TypedTensor<'float32'>
}

/**
 * The transform of a square image.
 * @param size    edge in pixels, even
 * @param falloff of the amplitudes
 */
export function spectrum(size: number, falloff = 1): Spectrum {
  if (size % 2) throw new RangeError(`an icon's edge must be even, not ${size}`)
  const half = size / 2 + 1
  const alongY = float32([size, 2, 2 * size])
  const alongX = float32([size, 2 * half])
  for (let p = 0; p < size; p++) {
    for (let f = 0; f < size; f++) {
      const angle = (2 * Math.PI * ((f * p) % size)) / size
      alongY.data.set([Math.cos(angle)], (p * 2 + 0) * 2 * size + f)
      alongY.data.set([-Math.sin(angle)], (p * 2 + 0) * 2 * size + size + f)
      alongY.data.set([Math.sin(angle)], (p * 2 + 1) * 2 * size + f)
      alongY.data.set([Math.cos(angle)], (p * 2 + 1) * 2 * size + size + f)
    }
    for (let f = 0; f < half; f++) {
      const angle = (2 * Math.PI * ((f * p) % size)) / size
      const weight = (f === 0 || f === size / 2 ? 1 : 2) / (4 * size * size)
      alongX.data[p * 2 * half + f] = weight * Math.cos(angle)
      alongX.data[p * 2 * half + half + f] = -weight * Math.sin(angle)
    }
  }
  return { scale: amplitudes(size, falloff), alongY, alongX }
}

/**
 * Amplitude of every frequency, √(wh)/f · (f·size/8)^(1−k); with a low-pass divided by 1 + (f/cutoff)⁴, f in cycles an
 * image.
 * @param falloff exponent k of the frequency; 1 is lucid's
 * @returns [2·size, size/2+1, 1]
 */
export function amplitudes(size: number, falloff = 1, cutoff = Number.POSITIVE_INFINITY): TypedTensor<'float32'> {
  const half = size / 2 + 1
  const scale = float32([2 * size, half, 1])
  for (let fy = 0; fy < size; fy++)
    for (let fx = 0; fx < half; fx++) {
      const row = fy < size / 2 ? fy : fy - size
      const f = Math.max(Math.hypot(row / size, fx / size), 1 / size)
      const amplitude = Math.fround((size / f) * (falloff === 1 ? 1 : ((f * size) / 8) ** (1 - falloff)))
      const value = amplitude / (1 + (Math.hypot(row, fx) / cutoff) ** 4)
      scale.data[fy * half + fx] = value
      scale.data[(size + fy) * half + fx] = value
    }
  return scale
}

/** Standard deviation of the starting spectrum around grey (lucid's). */
const DEVIATION = 0.01

/**
 * The starting spectra of a batch. Each depends on its direction, the seed and the attempt alone, so that an icon is
 * independent of its batch.
 * @param hashes content hashes of the directions, one an icon
 * @returns [2·size, size/2+1, 3 · icons], colours of one icon side by side
 */
export function startingSpectrum(
  size: number,
  seed: number,
  attempt: number,
  hashes: readonly Uint8Array[],
): TypedTensor<'float32'> {
  const rows = 2 * size * (size / 2 + 1)
  const columns = 3 * hashes.length
  const start = float32([2 * size, size / 2 + 1, columns])
  const values = new Float32Array(rows * 3)
  for (const [icon, hash] of hashes.entries()) {
    new Random('spectrum', seed, attempt, hash).normal(values, DEVIATION)
    for (let row = 0; row < rows; row++)
      for (let c = 0; c < 3; c++) start.data[row * columns + icon * 3 + c] = values[row * 3 + c]!
  }
  return start
}
