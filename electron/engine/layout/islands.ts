import { quantile } from '../statistics/quantile.ts'
import { nearestOfAll } from './map-index.ts'
import { yieldToEventLoop } from './yield.ts'

/** A point is of one island with its nearest points as far as a step reaches, and with the first of them in any case. */
const NEAREST = 10
const ALWAYS = 3
/** The longest step, as a multiple of the median distance to that neighbour; also the gap that is left around an island. */
const STEP = 3
/** Points of an island, and of all before it, that are compared: enough for a gap as wide as many points are apart. */
const COMPARED = { island: 1_000, placed: 20_000 }
/** Trials of how far an island can be moved, each three quarters of the one before. */
const TRIALS = 9
const SHORTER = 0.75

/** Points by index, [n, dimensions]. */
interface Points {
  readonly coordinates: Float64Array
  readonly dimensions: number
}

/**
 * Moves the islands of a map nearer: groups that nothing links to the rest are repelled in every epoch and attracted in none, so
 * that the longer UMAP runs, the farther they are, and the smaller everything else is drawn. Each is moved as a whole, in a straight line
 * towards the nearest point of the largest one and of those moved before, larger first, until a gap is left that is wider than
 * the steps within an island. Nothing else changes: distances within islands, and which island lies in which direction, stay.
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
  if (others.length === 0 || step === 0) return before
  const points: Points = { coordinates: before.slice(), dimensions }
  const placed = thinned(largest!, COMPARED.placed).slice()
  for (const island of others) {
    const compared = thinned(island, COMPARED.island)
    const way = wayTo(points, compared, placed, step)
    if (way !== undefined)
      for (const p of island) for (let d = 0; d < dimensions; d++) points.coordinates[p * dimensions + d]! += way[d]!
    placed.push(...compared)
    await yieldToEventLoop(signal)
  }
  return points.coordinates
}

/** How far some points can be moved towards others so that a gap of a step is left; undefined where they have to stay. */
function wayTo(
  points: Points,
  some: readonly number[],
  others: readonly number[],
  step: number,
): readonly number[] | undefined {
  const { from, to, distance } = nearestPair(points, some, others)
  if (distance <= step) return undefined
  const { coordinates, dimensions } = points
  let share = 1 - step / distance
  // Another part of them may come near something else first.
  for (let trial = 0; trial < TRIALS; trial++) {
    const way = Array.from(
      { length: dimensions },
      (_, d) => share * (coordinates[to * dimensions + d]! - coordinates[from * dimensions + d]!),
    )
    const isFree = some.every(a => others.every(b => squaredDistance(points, a, b, way) >= (step / 2) ** 2))
    if (isFree) return way
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

/** The points of two groups that are nearest to each other. */
function nearestPair(
  points: Points,
  some: readonly number[],
  others: readonly number[],
): { readonly from: number; readonly to: number; readonly distance: number } {
  let [from, to, minimum] = [some[0]!, others[0]!, Number.POSITIVE_INFINITY]
  for (const a of some)
    for (const b of others) {
      const squared = squaredDistance(points, a, b)
      if (squared < minimum) [from, to, minimum] = [a, b, squared]
    }
  return { from, to, distance: Math.sqrt(minimum) }
}

/** @param way that a is moved before */
function squaredDistance({ coordinates, dimensions }: Points, a: number, b: number, way?: readonly number[]): number {
  let squared = 0
  for (let d = 0; d < dimensions; d++)
    squared += (coordinates[a * dimensions + d]! + (way?.[d] ?? 0) - coordinates[b * dimensions + d]!) ** 2
  return squared
}

/** At most so many of the points, evenly spread over their order. */
const thinned = (points: readonly number[], most: number): readonly number[] =>
  points.length <= most
    ? points
    : Array.from({ length: most }, (_, k) => points[Math.floor((k * points.length) / most)]!)
