import { cosineFrom, dot } from './cosine.ts'

/** How near a vector is to its own direction, and to all others. */
interface Compared {
  /** Cosine with its own direction. */
  readonly own: number
  /** Mean cosine with all other directions; NaN without any. */
  readonly others: number
  /** 1: no other direction is as near. Equal cosines count as nearer, so that a vector of zeros is near to none. */
  readonly rank: number
}

/** Directions that vectors are compared with. */
export class Directions {
  readonly count: number
  readonly #values: Float32Array
  readonly #width: number
  readonly #squares: Float64Array

  /** @param rows of equal lengths */
  constructor(rows: readonly Float32Array[]) {
    this.count = rows.length
    this.#width = rows[0]?.length ?? 0
    this.#values = new Float32Array(this.count * this.#width)
    for (const [row, direction] of rows.entries()) this.#values.set(direction, row * this.#width)
    this.#squares = Float64Array.from(rows, direction => dot(direction, 0, direction, 0, this.#width))
  }

  get bytes(): number {
    return this.#values.byteLength
  }

  /** @param index of the vector's own direction @throws RangeError when there is none */
  compare(vector: Float32Array, index: number): Compared {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`direction ${index} is not one of ${this.count}`)
    const square = dot(vector, 0, vector, 0, this.#width)
    const cosine = (row: number): number =>
      cosineFrom(dot(vector, 0, this.#values, row * this.#width, this.#width), square, this.#squares[row]!)
    const own = cosine(index)
    let [sum, rank] = [0, 1]
    for (let row = 0; row < this.count; row++) {
      if (row === index) continue
      const its = cosine(row)
      sum += its
      if (its >= own) rank++
    }
    return { own, others: this.count > 1 ? sum / (this.count - 1) : Number.NaN, rank }
  }
}
