import type { Samples } from './samples.ts'

/** Rows of one panel: more than 4 × 4 accumulators would spill registers. */
const PANEL = 4

/**
 * Samples in panels of four rows with their channels interleaved, so that a 4 × 4 block of inner products reads
 * memory in order. Missing rows of the last panel are zero.
 */
export class Panels {
  readonly count: number
  readonly #packed: Float32Array
  readonly #stride: number

  constructor({ rows, n, channels }: Samples) {
    this.count = Math.ceil(n / PANEL)
    this.#stride = channels * PANEL
    this.#packed = new Float32Array(this.count * this.#stride)
    for (let i = 0; i < n; i++) {
      const at = Math.floor(i / PANEL) * this.#stride + (i % PANEL)
      for (let c = 0; c < channels; c++) this.#packed[at + c * PANEL] = rows[i * channels + c]!
    }
  }

  /** Squared lengths of the samples, summed as `products` sums: a sample's distance to its duplicate is exactly 0. */
  squaredLengths(): Float64Array {
    const out = new Float64Array(PANEL * PANEL)
    const squares = new Float64Array(this.count * PANEL)
    for (let p = 0; p < this.count; p++) {
      this.products(p, p, out)
      for (let r = 0; r < PANEL; r++) squares[p * PANEL + r] = out[r * PANEL + r]!
    }
    return squares
  }

  /** Writes the 16 inner products of panels p and q to `out`, row-major, each summed in float64 in channel order. */
  products(p: number, q: number, out: Float64Array): void {
    const x = this.#packed
    const stride = this.#stride
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    let c0 = 0
    let c1 = 0
    let c2 = 0
    let c3 = 0
    let d0 = 0
    let d1 = 0
    let d2 = 0
    let d3 = 0
    const end = (p + 1) * stride
    for (let i = p * stride, j = q * stride; i < end; i += PANEL, j += PANEL) {
      const x0 = x[i]!
      const x1 = x[i + 1]!
      const x2 = x[i + 2]!
      const x3 = x[i + 3]!
      const y0 = x[j]!
      const y1 = x[j + 1]!
      const y2 = x[j + 2]!
      const y3 = x[j + 3]!
      a0 += x0 * y0
      a1 += x0 * y1
      a2 += x0 * y2
      a3 += x0 * y3
      b0 += x1 * y0
      b1 += x1 * y1
      b2 += x1 * y2
      b3 += x1 * y3
      c0 += x2 * y0
      c1 += x2 * y1
      c2 += x2 * y2
      c3 += x2 * y3
      d0 += x3 * y0
      d1 += x3 * y1
      d2 += x3 * y2
      d3 += x3 * y3
    }
    out[0] = a0
    out[1] = a1
    out[2] = a2
    out[3] = a3
    out[4] = b0
    out[5] = b1
    out[6] = b2
    out[7] = b3
    out[8] = c0
    out[9] = c1
    out[10] = c2
    out[11] = c3
    out[12] = d0
    out[13] = d1
    out[14] = d2
    out[15] = d3
  }
}
