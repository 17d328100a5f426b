import { quantile } from '../statistics/quantile.ts'
import { MapIndex } from './map-index.ts'

/** A point is of one island with its nearest points as far as a step reaches, and with the first of them in any case. */
const NEAREST = 10
const ALWAYS = 3
/** The longest step, as a multiple of the median distance to that neighbour; also the gap that is left around an island. */
const STEP = 3
/** Points of an island, and of all before it, that are compared: enough for a gap as wide as many points are apart. */
const COMPARED = { island: 1_000, placed: 20_000 }
/** Trials of how far an island can be moved. */
const TRIALS = 8

/**
 * Moves the islands of a map nearer: groups that nothing links to the rest are repelled in every epoch and attracted in none, so
 * that the longer UMAP runs, the farther they are, and the smaller everything else is drawn. Each is moved as a whole, in a straight line
 * towards the nearest point of the largest one and of those moved before, larger first, until a gap is left that is wider than
 * the steps within an island. Nothing else changes: distances within islands, and which island lies in which direction, stay.
 * @param coordinates [n, dimensions]
 * @returns [n, dimensions]
 */
export function gatherIslands(coordinates: Float64Array, dimensions: number): Float64Array {
  const n = coordinates.length / dimensions
  if (n <= NEAREST) return coordinates
  const { islands, step } = islandsOf(coordinates, dimensions)
  const [mainland, ...others] = islands
  if (others.length === 0 || step === 0) return coordinates
  const result = coordinates.slice()
  const placed = [...thinned(mainland!, COMPARED.placed)]
  for (const island of others) {
    const compared = thinned(island, COMPARED.island)
    const { from, to, distance } = nearestPair(result, dimensions, compared, placed)
    if (distance > step) {
      const way = Array.from({ length: dimensions }, (_, d) => along(result, to, d) - along(result, from, d))
      const moved = (share: number) => (p: number, d: number) => result[p * dimensions + d]! + share * way[d]!
      // Another part of it may come near something else first.
      let share = 1 - step / distance
      for (
        let trial = 0;
        trial < TRIALS && isNear(moved(share), result, dimensions, compared, placed, step / 2);
        trial++
      )
        share *= 0.75
      if (!isNear(moved(share), result, dimensions, compared, placed, step / 2))
        for (const p of island) for (let d = 0; d < dimensions; d++) result[p * dimensions + d]! += share * way[d]!
    }
    placed.push(...compared)
  }
  return result

  function along(values: Float64Array, point: number, d: number): number {
    return values[point * dimensions + d]!
  }
}

/** Groups of points that steps link, the largest first, and the longest step. */
function islandsOf(coordinates: Float64Array, dimensions: number): { islands: readonly number[][]; step: number } {
  const n = coordinates.length / dimensions
  const near = new MapIndex(coordinates, dimensions).nearest(
    Uint32Array.from({ length: n }, (_, i) => i),
    NEAREST,
  )
  const distance = (a: number, b: number): number => {
    let squared = 0
    for (let d = 0; d < dimensions; d++)
      squared += (coordinates[a * dimensions + d]! - coordinates[b * dimensions + d]!) ** 2
    return Math.sqrt(squared)
  }
  const farthest = Float64Array.from({ length: n }, (_, i) => distance(i, near[(i + 1) * NEAREST - 1]!))
  const step = STEP * quantile(farthest.toSorted(), 0.5)
  const parent = Int32Array.from({ length: n }, (_, i) => i)
  const root = (i: number): number => {
    let at = i
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < NEAREST; j++) {
      const other = near[i * NEAREST + j]!
      if (j < ALWAYS || distance(i, other) <= step) parent[root(i)] = root(other)
    }
  const groups = Map.groupBy(
    Array.from({ length: n }, (_, i) => i),
    root,
  )
  return { islands: [...groups.values()].toSorted((a, b) => b.length - a.length || a[0]! - b[0]!), step }
}

/** The points of two groups that are nearest to each other. */
function nearestPair(
  coordinates: Float64Array,
  dimensions: number,
  some: readonly number[],
  others: readonly number[],
): { readonly from: number; readonly to: number; readonly distance: number } {
  let [from, to, least] = [some[0]!, others[0]!, Number.POSITIVE_INFINITY]
  for (const a of some)
    for (const b of others) {
      let squared = 0
      for (let d = 0; d < dimensions; d++)
        squared += (coordinates[a * dimensions + d]! - coordinates[b * dimensions + d]!) ** 2
      if (squared < least) [from, to, least] = [a, b, squared]
    }
  return { from, to, distance: Math.sqrt(least) }
}

/** Whether a moved group has a point within a distance of the others. */
function isNear(
  moved: (point: number, d: number) => number,
  coordinates: Float64Array,
  dimensions: number,
  some: readonly number[],
  others: readonly number[],
  within: number,
): boolean {
  return some.some(a =>
    others.some(b => {
      let squared = 0
      for (let d = 0; d < dimensions; d++) squared += (moved(a, d) - coordinates[b * dimensions + d]!) ** 2
      return squared < within ** 2
    }),
  )
}

/** At most so many of the points, evenly spread over their order. */
const thinned = (points: readonly number[], most: number): readonly number[] =>
  points.length <= most
    ? points
    : Array.from({ length: most }, (_, k) => points[Math.floor((k * points.length) / most)]!)
