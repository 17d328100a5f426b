/** A square picture, [size, size, 3], 0 … 255. */
export interface Square {
  readonly rgb: Uint8Array
  readonly size: number
}

/** Luminance in 0 … 1 (Rec. 709 weights on the stored values). @returns [size²] */
export const luminance = ({ rgb, size }: Square): Float64Array =>
  Float64Array.from(
    { length: size * size },
    (_, i) => (0.2126 * rgb[3 * i]! + 0.7152 * rgb[3 * i + 1]! + 0.0722 * rgb[3 * i + 2]!) / 255,
  )

/** Mean absolute difference of neighbouring pixels' luminance: total variation a pixel. */
export function totalVariation(picture: Square): number {
  const { size } = picture
  const y = luminance(picture)
  let sum = 0
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const at = row * size + column
      if (column + 1 < size) sum += Math.abs(y[at + 1]! - y[at]!)
      if (row + 1 < size) sum += Math.abs(y[at + size]! - y[at]!)
    }
  return sum / (size * size)
}

/** Shares of the power of the luminance around its mean, seen through a Hann window so that edges do not count. */
export interface Spectrum {
  /** Above .2 cycles a pixel: fine texture. */
  readonly fine: number
  /** Below 5 cycles a picture: large shapes. */
  readonly large: number
}

export function spectrumOf(picture: Square): Spectrum {
  const { size } = picture
  const y = luminance(picture)
  const mean = y.reduce((sum, value) => sum + value / y.length, 0)
  const hann = (i: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size)
  const windowed = y.map((value, i) => (value - mean) * hann(Math.floor(i / size)) * hann(i % size))
  const power = powerSpectrum(windowed, size)
  let [all, fine, large] = [0, 0, 0]
  for (let v = 0; v < size; v++)
    for (let u = 0; u < size; u++) {
      const cycles = Math.hypot(Math.min(v, size - v), Math.min(u, size - u))
      const value = power[v * size + u]!
      all += value
      if (cycles / size > 0.2) fine += value
      if (cycles < 5) large += value
    }
  return all > 0 ? { fine: fine / all, large: large / all } : { fine: 0, large: 0 }
}

/** |DFT|² of a real square picture, rows and then columns: size³ products, enough for pictures of icons. */
function powerSpectrum(values: Float64Array, size: number): Float64Array {
  const cos = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size))
  const sin = Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * i) / size))
  const [re, im] = [new Float64Array(size * size), new Float64Array(size * size)]
  for (let row = 0; row < size; row++)
    for (let u = 0; u < size; u++)
      for (let x = 0; x < size; x++) {
        const value = values[row * size + x]!
        re[row * size + u]! += value * cos[(u * x) % size]!
        im[row * size + u]! -= value * sin[(u * x) % size]!
      }
  const power = new Float64Array(size * size)
  for (let v = 0; v < size; v++)
    for (let u = 0; u < size; u++) {
      let [a, b] = [0, 0]
      for (let row = 0; row < size; row++) {
        const [c, s] = [cos[(v * row) % size]!, sin[(v * row) % size]!]
        const [p, q] = [re[row * size + u]!, im[row * size + u]!]
        a += p * c + q * s
        b += q * c - p * s
      }
      power[v * size + u] = a * a + b * b
    }
  return power
}

/** Similarity of two pictures of one size: Pearson correlation of their red, green and blue values. 0 for flat ones. */
export function correlation(one: Square, other: Square): number {
  const [a, b] = [one.rgb, other.rgb]
  if (a.length !== b.length) throw new RangeError(`pictures of ${one.size} and ${other.size} px`)
  const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! - ma, b[i]! - mb]
    ab += p * q
    aa += p * p
    bb += q * q
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}

/** A picture with its pixels averaged over areas of a smaller one. @param to edge, at most the picture's */
export function shrunk({ rgb, size }: Square, to: number): Square {
  const [sums, counts] = [new Float64Array(3 * to * to), new Int32Array(to * to)]
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const into = Math.floor((row * to) / size) * to + Math.floor((column * to) / size)
      counts[into]!++
      for (let c = 0; c < 3; c++) sums[3 * into + c]! += rgb[3 * (row * size + column) + c]!
    }
  return { size: to, rgb: Uint8Array.from(sums, (sum, i) => Math.round(sum / counts[Math.floor(i / 3)]!)) }
}
