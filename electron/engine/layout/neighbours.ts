import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { type Blocks, inBlocks } from './blocks.ts'
import { AXES, clustersOf, nearAlong } from './clusters.ts'
import { BLOCK, type FoundNeighbours, isIncomplete, type Room, type Space } from './native/space.ts'
import { axesFor } from './pca.ts'

/** The nearest other samples of every sample. */
export interface Neighbours {
  readonly n: number
  /** Neighbours of each sample, without itself: the requested number, at most n − 1. */
  readonly k: number
  /** [n, k], nearest first, equal distances by index. */
  readonly indices: Int32Array
  /** [n, k], true distances, computed in float64. */
  readonly distances: Float64Array
  readonly method: 'exact' | 'clusters'
  /** Share of the true neighbours found, measured on `recallRows` samples; 1 when exact. */
  readonly recall: number
  readonly recallRows: number
}

interface NeighbourOptions {
  readonly k: number
  /** Seed of the components, and of the choice of samples on which recall is measured. */
  readonly seed: number
  readonly signal: AbortSignal
  readonly report: Report
  /** Number of samples from which on the search is approximate. */
  readonly exactBelow?: number
}

const EXACT_BELOW = 20_000
const RECALL_ROWS = 200
/** Candidates beyond those requested, which float32 may order otherwise. */
const EXTRA = 8
/** Of so many of a sample's nearest neighbours as many of the nearest are compared with it, or of those that have them as a neighbour. */
const REACH = 15
/** Rounds of that, by turns, until recall is `ENOUGH`: .95 and what an estimate by 200 samples can be off. */
const ROUNDS = 4
const ENOUGH = 0.96

/** The room that a search for k neighbours among n samples needs of its space. */
export const roomFor = (n: number, k: number, exactBelow = EXACT_BELOW): Room => {
  const most = Math.max(1, n - 1)
  const wanted = Math.max(1, Math.min(k, most))
  if (n < exactBelow) return { k: wanted, candidates: Math.min(most, wanted + EXTRA), axes: axesFor(2) }
  const clusters = clustersOf(n, wanted)
  return { k: wanted, candidates: clusters.near, axes: AXES, clusters }
}

/** k nearest neighbours: exact below 20,000 samples, otherwise the nearest of candidates. */
export const neighbours = async (space: Space, options: NeighbourOptions): Promise<Neighbours> => {
  const { n } = space
  const k = Math.min(options.k, n - 1)
  const found = { n, k, indices: new Int32Array(n * k), distances: new Float64Array(n * k) }
  if (k < 1) return { ...found, k: 0, method: 'exact', recall: 1, recallRows: n }
  return n < (options.exactBelow ?? EXACT_BELOW) ? exact(space, found, options) : approximate(space, found, options)
}

type Found = Pick<Neighbours, 'n' | 'k' | 'indices' | 'distances'>

const exact = async (space: Space, found: Found, options: NeighbourOptions): Promise<Neighbours> => {
  const { n, k } = found
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  await inBlocks('neighbours', { order, options }, async queries =>
    keep(found, queries, await space.nearest(queries, k, Math.min(n - 1, k + EXTRA))),
  )
  return { ...found, method: 'exact', recall: 1, recallRows: n }
}

/**
 * Candidates along the leading principal components, then the nearest of them with all channels. Both spaces begin with what
 * there is, and go on by comparing neighbours with their neighbours (NN-descent; Dong, Charikar and Li 2011): along the
 * components, where that is cheap, and with all channels, as those have another order. A neighbour that no
 * sample has in its list can only be found by its own list: every other round goes from a sample's neighbours to those that have
 * them as neighbours too.
 */
const approximate = async (space: Space, found: Found, options: NeighbourOptions): Promise<Neighbours> => {
  const { n, k } = found
  const { order, lists } = await nearAlong(space, options)
  const near = lists.length / n
  const blocks: Blocks = { order, options }
  const candidates = new Uint32Array(Math.min(n, BLOCK) * near)
  await inBlocks('distances', blocks, async queries => {
    queries.forEach((query, q) => {
      candidates.set(lists.subarray(query * near, (query + 1) * near), q * near)
    })
    const nearest = await space.among(queries, candidates.subarray(0, queries.length * near), near, k)
    keep(found, queries, nearest)
    const few = nearest.incomplete === 0 ? [] : Array.from(queries).filter((_, q) => isIncomplete(nearest, q, k))
    // A cluster far from all others can have too few samples: they are compared with all others.
    if (few.length > 0) keep(found, few, await space.nearest(few, k, Math.min(n - 1, k + EXTRA)))
  })
  const recall = await recallOf(space, found, options)
  const reach = Math.min(k, REACH)
  for (let round = 0; round < ROUNDS && recall.now() < ENOUGH; round++) {
    const followed = round % 2 === 0 ? 'neighbours' : 'followers'
    space.setLists(found.indices)
    if (followed === 'followers') followersOf(found, reach, space.followers(reach))
    await inBlocks(`neighbours of neighbours, ${round + 1}`, blocks, async queries =>
      keep(found, queries, await space.nearestByNeighbours(queries, k, Math.min(n - 1, k + EXTRA), reach, followed)),
    )
  }
  return { ...found, method: 'clusters', recall: recall.now(), recallRows: recall.rows }
}

/**
 * The samples that have each as a neighbour and are not among its own: first those that have it nearest, of equally near ones
 * the first.
 * @param followers [n, width], written
 */
export const followersOf = (
  { n, k, indices }: Pick<Found, 'n' | 'k' | 'indices'>,
  width: number,
  followers: Uint32Array,
): void => {
  const counts = new Uint16Array(n)
  for (let near = 0; near < k; near++)
    for (let i = 0; i < n; i++) {
      const j = indices[i * k + near]!
      if (counts[j] === width || indices.subarray(j * k, (j + 1) * k).includes(i)) continue
      followers[j * width + counts[j]!++] = i
    }
}

/** Takes over what was found of some samples. */
const keep = ({ k, indices, distances }: Found, samples: ArrayLike<number>, near: FoundNeighbours): void => {
  for (let s = 0; s < samples.length; s++) {
    indices.set(near.indices.subarray(s * k, (s + 1) * k), samples[s]! * k)
    distances.set(near.distances.subarray(s * k, (s + 1) * k), samples[s]! * k)
  }
}

/**
 * Recall on samples that are compared with all others. A neighbour counts as true when it is no farther than the true
 * k-th, so that ties count as found.
 */
const recallOf = async (space: Space, { n, k, distances }: Found, options: NeighbourOptions) => {
  const rows = Uint32Array.from(new Random('recall', options.seed).subset(n, RECALL_ROWS))
  const farthest: number[] = []
  await inBlocks('recall', { order: rows, size: space.few, options }, async queries => {
    const truth = await space.nearest(queries, k, Math.min(n - 1, k + EXTRA))
    for (let q = 0; q < queries.length; q++) farthest.push(truth.distances[q * k + k - 1]!)
  })
  const now = (): number => {
    let hits = 0
    rows.forEach((row, slot) => {
      for (let j = 0; j < k; j++) if (distances[row * k + j]! <= farthest[slot]!) hits++
    })
    return hits / (rows.length * k)
  }
  return { rows: rows.length, now }
}
