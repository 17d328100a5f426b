import { cosineFrom } from '../vectors/cosine.ts'

/**
 * Activations in 8 bits: a ≈ (q − zero) · scale, with a scale and a zero of its own for every channel. Zero, the
 * commonest activation behind a ReLU, stays exactly zero.
 */
export interface Quantisation {
  /** [channels]; 0 for a channel that is always zero. */
  readonly scale: Float32Array
  /** [channels], the byte that stands for zero: 0 unless the channel goes below. */
  readonly zero: Uint8Array
}

/** The largest byte. */
const TOP = 255

/** Finds the range of every channel, from pages fed in any order. */
export class Ranges {
  readonly #least: Float32Array
  readonly #most: Float32Array

  constructor(channels: number) {
    this.#least = new Float32Array(channels)
    this.#most = new Float32Array(channels)
  }

  /**
   * @param rows [n, channels]
   * @returns false when a value is not finite: no range holds it
   */
  feed(rows: Float32Array): boolean {
    const [least, most] = [this.#least, this.#most]
    const channels = least.length
    for (let p = 0; p < rows.length; p++) {
      const value = rows[p]!
      if (!Number.isFinite(value)) return false
      const k = p % channels
      if (value < least[k]!) least[k] = value
      if (value > most[k]!) most[k] = value
    }
    return true
  }

  /** The finest quantisation that holds all that was fed. */
  quantisation(): Quantisation {
    const scale = this.#most.map((most, k) => (most - this.#least[k]!) / TOP)
    const zero = Uint8Array.from(scale, (step, k) => (step > 0 ? Math.round(-this.#least[k]! / step) : 0))
    return { scale, zero }
  }
}

/**
 * @param rows [n, channels]
 * @returns [n, channels] bytes
 */
export function quantise(rows: Float32Array, { scale, zero }: Quantisation): Uint8Array {
  const channels = scale.length
  // Clamped arrays round to the nearest, and keep a value at the rim of its range within it.
  const bytes = new Uint8ClampedArray(rows.length)
  for (let p = 0; p < rows.length; p++) {
    const step = scale[p % channels]!
    bytes[p] = step > 0 ? rows[p]! / step + zero[p % channels]! : 0
  }
  return new Uint8Array(bytes.buffer)
}

/** What `quantise` has left of the values, [n, channels]. */
export function restore(bytes: Uint8Array, { scale, zero }: Quantisation): Float32Array {
  const channels = scale.length
  const rows = new Float32Array(bytes.length)
  for (let p = 0; p < bytes.length; p++) rows[p] = (bytes[p]! - zero[p % channels]!) * scale[p % channels]!
  return rows
}

/** What 8 bits have cost. */
interface Loss {
  /** √(Σ(a − â)² / Σa²) over all values. */
  readonly relativeRms: number
  /** Mean and least cosine between a sample's activation and what is left of it. Samples that are all zero don't count. */
  readonly meanCosine: number
  readonly leastCosine: number
}

/** Measures the loss, page by page. */
export class LossMeter {
  readonly #channels: number
  #error = 0
  #power = 0
  #cosines = 0
  #count = 0
  #least = 1

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
      // What is all zero afterwards points nowhere.
      const cosine = cosineFrom(inner, before, after)
      this.#cosines += cosine
      this.#count++
      this.#least = Math.min(this.#least, cosine)
    }
  }

  result(): Loss {
    return {
      relativeRms: this.#power > 0 ? Math.sqrt(this.#error / this.#power) : 0,
      meanCosine: this.#count > 0 ? this.#cosines / this.#count : 1,
      leastCosine: this.#least,
    }
  }
}
