import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A source of random numbers that is known by what it is for: equal names give equal numbers, in any order of asking. */
export class Random {
  readonly #generator

  constructor(...name: readonly (string | number | Uint8Array)[]) {
    const hash = createHash('sha256')
    for (const part of name) hash.update(typeof part === 'object' ? part : String(part)).update('\0')
    this.#generator = xoroshiro128plus(hash.digest().readInt32LE())
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return uniformInt(this.#generator, 0, below - 1)
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * uniformFloat64(this.#generator)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** Fills an array with independent normal numbers of a standard deviation (Box and Muller, 1958). */
  normal(into: Float32Array, deviation: number): Float32Array {
    for (let i = 0; i < into.length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniformFloat64(this.#generator)))
      const angle = 2 * Math.PI * uniformFloat64(this.#generator)
      into[i] = radius * Math.cos(angle)
      if (i + 1 < into.length) into[i + 1] = radius * Math.sin(angle)
    }
    return into
  }
}
