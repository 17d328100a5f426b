/**
 * The k nearest of the candidates offered to each of n rows, in binary heaps with the farthest on top.
 * Equal distances are ordered by index, so the result does not depend on the order of the offers.
 */
export class Nearest {
  readonly n: number
  readonly k: number
  readonly #distances: Float64Array
  readonly #indices: Int32Array

  constructor(n: number, k: number) {
    this.n = n
    this.k = k
    this.#distances = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY)
    this.#indices = new Int32Array(n * k).fill(0x7fffffff)
  }

  offer(row: number, index: number, distance: number): void {
    const { k } = this
    const distances = this.#distances
    const indices = this.#indices
    const top = row * k
    if (distance > distances[top]! || (distance === distances[top] && index >= indices[top]!)) return
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= k) break
      if (child + 1 < k && this.#farther(top + child + 1, top + child)) child++
      const at = top + child
      if (distance > distances[at]! || (distance === distances[at] && index >= indices[at]!)) break
      distances[top + hole] = distances[at]!
      indices[top + hole] = indices[at]!
      hole = child
    }
    distances[top + hole] = distance
    indices[top + hole] = index
  }

  /** The distance of the k-th nearest so far; infinite before k were offered. */
  farthest(row: number): number {
    return this.#distances[row * this.k]!
  }

  /** Ascending by distance, then index; destroys the heaps, so it is called once, at the end. */
  sorted(): { readonly indices: Int32Array; readonly distances: Float64Array } {
    const { n, k } = this
    const order = Array.from({ length: k }, (_, j) => j)
    const distances = new Float64Array(n * k)
    const indices = new Int32Array(n * k)
    for (let row = 0; row < n; row++) {
      const top = row * k
      order.sort((a, b) => (this.#farther(top + a, top + b) ? 1 : -1))
      for (let j = 0; j < k; j++) {
        distances[top + j] = this.#distances[top + order[j]!]!
        indices[top + j] = this.#indices[top + order[j]!]!
      }
    }
    return { indices, distances }
  }

  #farther(p: number, q: number): boolean {
    const a = this.#distances[p]!
    const b = this.#distances[q]!
    return a > b || (a === b && this.#indices[p]! > this.#indices[q]!)
  }
}
