import { quantile } from '../statistics/quantile.ts'
import { nearestOfAll } from './map-index.ts'
import { PointCells, type Points } from './point-cells.ts'
import { yieldToEventLoop } from './yield.ts'

/** A point is of one island with its nearest points as far as a step reaches, and with the first of them in any case. */
const NEAREST = 10
const ALWAYS = 3
/** The longest step, as a multiple of the median distance to that neighbour; also the gap that is left around an island. */
const STEP = 3
/**
 * A map of more islands is left as it is: its fragments fill the frame between them, and no one of them is what the others
 * belong to.
 */
const MOST_ISLANDS = 1_000
/** Points of an island that are compared with those before it: enough for a gap as wide as many points are apart. */
const COMPARED = 1_000
/** Trials of how far an island can be moved, each three quarters of the one before. */
const TRIALS = 9
const SHORTER = 0.75

/**
 * Moves the islands of a map nearer: groups that nothing links to the rest are repelled in every epoch and attracted in none, so
 * that the longer UMAP runs, the farther they are, and the smaller everything else is drawn. Each is moved as a whole, in a straight line
 * towards the nearest point of the largest one and of those moved before, larger first, until a gap is left that is wider than
 * the steps within an island. Nothing else changes: distances within islands, and which island lies in which direction, stay.
 * A map of more than 1,000 islands is returned as it is.
 * @param before [n, dimensions]
 * @returns [n, dimensions]
 */
export async function gatherIslands(
  before: Float64Array,
  dimensions: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  if (before.length / dimensions <= NEAREST) return before
  const { islands, step } = await islandsOf({ coordinates: before, dimensions }, signal)
  const [largest, ...others] = islands
  if (others.length === 0 || islands.length > MOST_ISLANDS || step === 0) return before
  const points: Points = { coordinates: before.slice(), dimensions }
  const placed = new PointCells(points, step)
  placed.add(largest!)
  for (const island of others) {
    const way = wayTo(placed, points, island, step)
    if (way !== undefined)
      for (const p of island) for (let d = 0; d < dimensions; d++) points.coordinates[p * dimensions + d]! += way[d]!
    placed.add(island)
    await yieldToEventLoop(signal)
  }
  return points.coordinates
}

/** How far an island can be moved towards points so that a gap of a step is left; undefined where it has to stay. */
function wayTo(
  placed: PointCells,
  { coordinates, dimensions }: Points,
  island: readonly number[],
  step: number,
): readonly number[] | undefined {
  const compared = thinned(island, COMPARED)
  const { from, to, distance } = placed.nearestPair(compared)
  if (distance <= step) return undefined
  let share = 1 - step / distance
  // Another part of it may come near something else first.
  for (let trial = 0; trial < TRIALS; trial++) {
    const way = Array.from(
      { length: dimensions },
      (_, d) => share * (coordinates[to * dimensions + d]! - coordinates[from * dimensions + d]!),
    )
    if (placed.isFree(compared, way, step / 2)) return way
    share *= SHORTER
  }
  return undefined
}

/** Groups of points that steps link, the largest first, and the longest step. */
async function islandsOf(
  points: Points,
  signal: AbortSignal,
): Promise<{ readonly islands: readonly (readonly number[])[]; readonly step: number }> {
  const { coordinates, dimensions } = points
  const n = coordinates.length / dimensions
  const near = await nearestOfAll(coordinates, dimensions, NEAREST, signal)
  const farthest = Float64Array.from({ length: n }, (_, i) =>
    Math.sqrt(squaredDistance(points, i, near[(i + 1) * NEAREST - 1]!)),
  )
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
      if (j < ALWAYS || squaredDistance(points, i, other) <= step ** 2) parent[root(i)] = root(other)
    }
  const groups = Map.groupBy(
    Array.from({ length: n }, (_, i) => i),
    root,
  )
  return { islands: [...groups.values()].toSorted((a, b) => b.length - a.length || a[0]! - b[0]!), step }
}

function squaredDistance({ coordinates, dimensions }: Points, a: number, b: number): number {
  let squared = 0
  for (let d = 0; d < dimensions; d++)
    squared += (coordinates[a * dimensions + d]! - coordinates[b * dimensions + d]!) ** 2
  return squared
}

/** At most so many of the points, evenly spread over their order. */
const thinned = (points: readonly number[], most: number): readonly number[] =>
  points.length <= most
    ? points
    : Array.from({ length: most }, (_, k) => points[Math.floor((k * points.length) / most)]!)
