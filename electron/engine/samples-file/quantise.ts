import { cosineFrom } from '../vectors/cosine.ts'

/**
 * Activations in 8 bits: a ≈ (q − zero) · scale, with a scale and a zero point per channel. Zero, the commonest activation
 * after a ReLU, stays exactly zero.
 */
export interface Quantisation {
  /** [channels]; 0 for a channel that is always zero. */
  readonly scale: Float32Array
  /** [channels], the zero point: 0 unless the channel has negative values. */
  readonly zero: Uint8Array
}

/** The largest byte. */
const TOP = 255

/** Measures the range of every channel, from pages in any order. */
export class Ranges {
  readonly #min: Float32Array
  readonly #max: Float32Array

  constructor(channels: number) {
    this.#min = new Float32Array(channels)
    this.#max = new Float32Array(channels)
  }

  /**
   * @param rows [n, channels]
   * @returns false when a value is not finite
   */
  feed(rows: Float32Array): boolean {
    const [min, max] = [this.#min, this.#max]
    const channels = min.length
    for (let p = 0; p < rows.length; p++) {
      const value = rows[p]!
      if (!Number.isFinite(value)) return false
      const k = p % channels
      if (value < min[k]!) min[k] = value
      if (value > max[k]!) max[k] = value
    }
    return true
  }

  /** The finest quantisation whose range includes all values. */
  quantisation(): Quantisation {
    const scale = this.#max.map((max, k) => (max - this.#min[k]!) / TOP)
    const zero = Uint8Array.from(scale, (step, k) => (step > 0 ? Math.round(-this.#min[k]! / step) : 0))
    return { scale, zero }
  }
}

/**
 * @param rows [n, channels]
 * @returns [n, channels] bytes
 */
export function quantise(rows: Float32Array, { scale, zero }: Quantisation): Uint8Array {
  const channels = scale.length
  // Clamped arrays round to the nearest, and clip values at the ends of the range.
  const bytes = new Uint8ClampedArray(rows.length)
  for (let p = 0; p < rows.length; p++) {
    const step = scale[p % channels]!
    bytes[p] = step > 0 ? rows[p]! / step + zero[p % channels]! : 0
  }
  return new Uint8Array(bytes.buffer)
}

/** The values after `quantise`, [n, channels]. */
export function restore(bytes: Uint8Array, { scale, zero }: Quantisation): Float32Array {
  const channels = scale.length
  const rows = new Float32Array(bytes.length)
  for (let p = 0; p < bytes.length; p++) rows[p] = (bytes[p]! - zero[p % channels]!) * scale[p % channels]!
  return rows
}

/** The loss of the quantisation. */
interface Loss {
  /** √(Σ(a − â)² / Σa²) over all values. */
  readonly relativeRms: number
  /** Mean and minimum cosine between a sample's activation and its quantised value. Samples of zeros do not count. */
  readonly meanCosine: number
  readonly minCosine: number
}

/** Measures the loss, page by page. */
export class LossMeter {
  readonly #channels: number
  #error = 0
  #power = 0
  #cosines = 0
  #count = 0
  #minCosine = 1

  constructor(channels: number) {
    this.#channels = channels
  }

  /** @param rows,restored [n, channels] */
  feed(rows: Float32Array, restored: Float32Array): void {
    for (let from = 0; from < rows.length; from += this.#channels) {
      let [before, after, inner, error] = [0, 0, 0, 0]
      for (let p = from; p < from + this.#channels; p++) {
        const [a, b] = [rows[p]!, restored[p]!]
        before += a * a
        after += b * b
        inner += a * b
        error += (a - b) ** 2
      }
      this.#error += error
      this.#power += before
      if (before === 0) continue
      // A sample of zeros has no direction.
      const cosine = cosineFrom(inner, before, after)
      this.#cosines += cosine
      this.#count++
      this.#minCosine = Math.min(this.#minCosine, cosine)
    }
  }

  result(): Loss {
    return {
      relativeRms: this.#power > 0 ? Math.sqrt(this.#error / this.#power) : 0,
      meanCosine: this.#count > 0 ? this.#cosines / this.#count : 1,
      minCosine: this.#minCosine,
    }
  }
}
