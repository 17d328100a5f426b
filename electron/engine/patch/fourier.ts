/** Complex numbers, the two parts apart. */
export interface Complex {
  readonly re: Float64Array
  readonly im: Float64Array
}

/**
 * The two-dimensional discrete Fourier transform, in place (Cooley and Tukey 1965, radix 2). The inverse is divided by the
 * number of elements.
 * @param values row-major
 * @param width  a power of two
 * @param height likewise
 */
export function fourier2({ re, im }: Complex, width: number, height: number, inverse: boolean): void {
  for (let row = 0; row < height; row++) fourier({ re, im }, row * width, 1, width, inverse)
  for (let column = 0; column < width; column++) fourier({ re, im }, column, width, height, inverse)
  if (!inverse) return
  for (let p = 0; p < width * height; p++) {
    re[p]! /= width * height
    im[p]! /= width * height
  }
}

/** One line of n elements, `stride` apart. */
function fourier({ re, im }: Complex, start: number, stride: number, n: number, inverse: boolean): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i >= j) continue
    const [p, q] = [start + i * stride, start + j * stride]
    ;[re[p], re[q]] = [re[q]!, re[p]!]
    ;[im[p], im[q]] = [im[q]!, im[p]!]
  }
  for (let length = 2; length <= n; length *= 2) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / length
    for (let k = 0; k < length / 2; k++) {
      const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)]
      for (let block = 0; block < n; block += length) {
        const p = start + (block + k) * stride
        const q = p + (length / 2) * stride
        const [x, y] = [re[q]! * cos - im[q]! * sin, re[q]! * sin + im[q]! * cos]
        re[q] = re[p]! - x
        im[q] = im[p]! - y
        re[p]! += x
        im[p]! += y
      }
    }
  }
}
