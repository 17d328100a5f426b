import { Nearest } from './nearest.ts'
import { yieldToEventLoop } from './yield.ts'

/** Points that are compared one by one. */
const LEAF = 16
/** Points between two chances to cancel. */
const BLOCK = 1_024

/**
 * Finds the nearest points on a map exactly, without comparing all: a k-d tree (Bentley 1975), which is the order of the
 * points. The middle one of a range divides it along one axis, and its halves are divided along the next.
 */
export class MapIndex {
  /** [n], the points in the order of the tree: those near each other are queried one after the other at the least cost. */
  readonly points: Uint32Array
  readonly #dimensions: number
  /** [n, dimensions], in the order of the tree. */
  readonly #coordinates: Float64Array
  /** [n], where each point is in the tree. */
  readonly #places: Uint32Array

  /** @param positions [n, dimensions] */
  constructor(positions: ArrayLike<number>, dimensions: number) {
    const n = positions.length / dimensions
    this.#dimensions = dimensions
    this.#coordinates = Float64Array.from(positions)
    this.points = Uint32Array.from({ length: n }, (_, i) => i)
    this.#divide(0, n - 1, 0)
    this.#places = new Uint32Array(n)
    this.points.forEach((point, place) => {
      this.#places[point] = place
    })
  }

  /** @returns [queries, k]: the k nearest others of each query, nearest first, equal distances by index; k < n */
  nearest(queries: ArrayLike<number>, k: number): Int32Array {
    const nearest = new Nearest(queries.length, k)
    for (let q = 0; q < queries.length; q++)
      this.#search(nearest, q, this.#places[queries[q]!]!, 0, this.points.length - 1, 0)
    return nearest.sorted().indices
  }

  /** @param of place of the query; @param first, last the range that is searched; @param axis that it is divided along */
  #search(nearest: Nearest, q: number, of: number, first: number, last: number, axis: number): void {
    if (last - first < LEAF) {
      for (let place = first; place <= last; place++) this.#offer(nearest, q, of, place)
      return
    }
    const middle = (first + last) >> 1
    const next = (axis + 1) % this.#dimensions
    const beyond = this.#along(of, axis) - this.#along(middle, axis)
    this.#offer(nearest, q, of, middle)
    const below = [first, middle - 1] as const
    const above = [middle + 1, last] as const
    this.#search(nearest, q, of, ...(beyond < 0 ? below : above), next)
    // Also where they are equal: a point on the other side, as far away, may have a lower index.
    if (beyond ** 2 <= nearest.farthest(q)) this.#search(nearest, q, of, ...(beyond < 0 ? above : below), next)
  }

  #offer(nearest: Nearest, q: number, of: number, place: number): void {
    if (place === of) return
    let squared = 0
    for (let d = 0; d < this.#dimensions; d++) squared += (this.#along(of, d) - this.#along(place, d)) ** 2
    nearest.offer(q, this.points[place]!, squared)
  }

  #divide(first: number, last: number, axis: number): void {
    if (last - first < LEAF) return
    const middle = (first + last) >> 1
    this.#select(middle, first, last, axis)
    const next = (axis + 1) % this.#dimensions
    this.#divide(first, middle - 1, next)
    this.#divide(middle + 1, last, next)
  }

  /** Quickselect (Hoare 1961): moves the points of a range so that no one before `at` lies beyond it, and none after before. */
  #select(at: number, first: number, last: number, axis: number): void {
    let [from, to] = [first, last]
    while (from < to) {
      const pivot = this.#along((from + to) >> 1, axis)
      let [i, j] = [from, to]
      while (i <= j) {
        while (this.#along(i, axis) < pivot) i++
        while (this.#along(j, axis) > pivot) j--
        if (i <= j) this.#swap(i++, j--)
      }
      if (at <= j) to = j
      else if (at >= i) from = i
      else return
    }
  }

  #swap(a: number, b: number): void {
    const point = this.points[a]!
    this.points[a] = this.points[b]!
    this.points[b] = point
    for (let d = 0; d < this.#dimensions; d++) {
      const x = this.#along(a, d)
      this.#coordinates[a * this.#dimensions + d] = this.#along(b, d)
      this.#coordinates[b * this.#dimensions + d] = x
    }
  }

  #along(place: number, d: number): number {
    return this.#coordinates[place * this.#dimensions + d]!
  }
}

/**
 * The k nearest others of every point of a map.
 * @param positions [n, dimensions]
 * @param report    receives the points that are done
 * @returns [n, k], as of `MapIndex.nearest`
 */
export async function nearestOfAll(
  positions: ArrayLike<number>,
  dimensions: number,
  k: number,
  signal: AbortSignal,
  report: (done: number) => void = () => {},
): Promise<Int32Array> {
  const index = new MapIndex(positions, dimensions)
  const n = index.points.length
  const near = new Int32Array(n * k)
  for (let first = 0; first < n; first += BLOCK) {
    const queries = index.points.subarray(first, first + BLOCK)
    const found = index.nearest(queries, k)
    queries.forEach((i, q) => {
      near.set(found.subarray(q * k, (q + 1) * k), i * k)
    })
    report(first + queries.length)
    await yieldToEventLoop(signal)
  }
  return near
}
