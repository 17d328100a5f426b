import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * The one source of random numbers: pure-rand's xoroshiro128+, seeded by the SHA-256 of a name, such as a purpose and a
 * seed. Equal names give equal numbers; different purposes of one seed draw from unrelated streams.
 */
export class Random {
  readonly #generator

  constructor(...name: readonly (string | number | Uint8Array)[]) {
    const hash = createHash('sha256')
    for (const part of name) hash.update(typeof part === 'object' ? part : String(part)).update('\0')
    this.#generator = xoroshiro128plus(hash.digest().readInt32LE())
  }

  /** A multiple of 2⁻³² in [0, 1). */
  uniform(): number {
    return (this.#generator.next() >>> 0) / 2 ** 32
  }

  /** An integer in [0, below). */
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

  /** A standard normal number (Box and Muller, 1958). */
  gaussian(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** `count` different indices below n, ascending; all of them when count ≥ n. */
  subset(n: number, count: number): Int32Array {
    const all = Int32Array.from({ length: n }, (_, i) => i)
    if (count >= n) return all
    for (let i = 0; i < count; i++) {
      const j = i + this.below(n - i)
      const previous = all[i]!
      all[i] = all[j]!
      all[j] = previous
    }
    return all.slice(0, count).sort()
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
