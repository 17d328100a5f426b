import type { ImageParams } from '../../contract/inversion.ts'
import { float32, type TypedTensor } from '../onnx/tensor.ts'
import { decorrelated } from './colour.ts'
import { amplitudes } from './spectrum.ts'

/** Values are held within this distance of black and white, where the inverse of the sigmoid is infinite. */
const EDGE = 0.02

/**
 * The spectra of pictures, by the inverse of `imageOf`: from x = sigmoid(M · irfft2(A ∘ S) / 4),
 *   S = 4 · rfft2(M⁻¹ · ln(x/(1 − x))) / A,
 * with M the step from decorrelated colours to red, green, blue, and A the amplitudes without a low-pass.
 * @param pictures [icons, size, size, 3], red, green, blue in 0 … 1, held within .02 … .98
 * @returns [2·size, size/2+1, 3 · icons], as `startingSpectrum`
 */
export function spectraOf(
  pictures: Float32Array,
  size: number,
  icons: number,
  image: ImageParams | undefined,
): TypedTensor<'float32'> {
  const half = size / 2 + 1
  const columns = 3 * icons
  const spectra = float32([2 * size, half, columns])
  const inverse = inverse3(decorrelated(1, image?.colour).data)
  const scale = amplitudes(size, image?.falloff).data
  const waves = wavesOf(size)
  for (let icon = 0; icon < icons; icon++) {
    const colours = decorrelatedPicture(pictures.subarray(icon * 3 * size ** 2, (icon + 1) * 3 * size ** 2), inverse)
    for (let c = 0; c < 3; c++) {
      const { real, imaginary } = transformed(colours, c, size, waves)
      for (let at = 0; at < size * half; at++) {
        spectra.data[at * columns + icon * 3 + c] = (4 * real[at]!) / scale[at]!
        spectra.data[(size * half + at) * columns + icon * 3 + c] = (4 * imaginary[at]!) / scale[at]!
      }
    }
  }
  return spectra
}

/** Decorrelated colours of a picture before the sigmoid. @param inverse of `decorrelated` @returns [size², 3] */
function decorrelatedPicture(rgb: Float32Array, inverse: Float64Array): Float64Array {
  const colours = new Float64Array(rgb.length)
  for (let pixel = 0; pixel < rgb.length; pixel += 3)
    for (let from = 0; from < 3; from++) {
      const x = Math.min(1 - EDGE, Math.max(EDGE, rgb[pixel + from]!))
      const logit = Math.log(x / (1 - x))
      for (let to = 0; to < 3; to++) colours[pixel + to]! += logit * inverse[3 * from + to]!
    }
  return colours
}

interface Waves {
  /** [size], cosine and sine of 2πk/size. */
  readonly cosine: Float64Array
  readonly sine: Float64Array
}

const wavesOf = (size: number): Waves => ({
  cosine: Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size)),
  sine: Float64Array.from({ length: size }, (_, k) => Math.sin((2 * Math.PI * k) / size)),
})

/**
 * The two-dimensional Fourier transform of one colour, first along x, then along y, as sums: edges of icons are seldom powers of two.
 * @returns [size, size/2+1] each
 */
function transformed(
  colours: Float64Array,
  colour: number,
  size: number,
  { cosine, sine }: Waves,
): { readonly real: Float64Array; readonly imaginary: Float64Array } {
  const half = size / 2 + 1
  const [rowsReal, rowsImaginary] = [new Float64Array(size * half), new Float64Array(size * half)]
  for (let y = 0; y < size; y++)
    for (let f = 0; f < half; f++) {
      let [re, im] = [0, 0]
      for (let x = 0; x < size; x++) {
        const value = colours[(y * size + x) * 3 + colour]!
        const k = (f * x) % size
        re += value * cosine[k]!
        im -= value * sine[k]!
      }
      rowsReal[y * half + f] = re
      rowsImaginary[y * half + f] = im
    }
  const [real, imaginary] = [new Float64Array(size * half), new Float64Array(size * half)]
  for (let g = 0; g < size; g++)
    for (let y = 0; y < size; y++) {
      const k = (g * y) % size
      const [c, s] = [cosine[k]!, sine[k]!]
      for (let f = 0; f < half; f++) {
        const [re, im] = [rowsReal[y * half + f]!, rowsImaginary[y * half + f]!]
        real[g * half + f]! += re * c + im * s
        imaginary[g * half + f]! += im * c - re * s
      }
    }
  return { real, imaginary }
}

/** Inverse of a 3 × 3 matrix by its cofactors. */
function inverse3(m: ArrayLike<number>): Float64Array {
  const cofactor = (row: number, column: number): number => {
    const at = (r: number, c: number): number => m[3 * ((row + r) % 3) + ((column + c) % 3)]!
    return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
  }
  const determinant = [0, 1, 2].reduce((sum, column) => sum + m[column]! * cofactor(0, column), 0)
  return Float64Array.from({ length: 9 }, (_, i) => cofactor(i % 3, Math.floor(i / 3)) / determinant)
}
