import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { candidates, SHARDS } from './candidates.ts'
import { BLOCK, type FoundNeighbours, isIncomplete, type Room, type Space } from './native/space.ts'
import { axesFor } from './pca.ts'
import { yieldToEventLoop } from './yield.ts'

/** The nearest other samples of every sample. */
export interface Neighbours {
  readonly n: number
  /** Neighbours of each sample, without itself: the requested number, at most n − 1. */
  readonly k: number
  /** [n, k], nearest first, equal distances by index. */
  readonly indices: Int32Array
  /** [n, k], true distances, computed in float64. */
  readonly distances: Float64Array
  readonly method: 'exact' | 'hnsw'
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
/** Components of the space of candidates. */
const AXES = 64
/** Candidates beyond those requested, which float32 may order otherwise. */
const EXTRA = 8
/** Of so many of a sample's nearest neighbours as many of the nearest are compared with it. */
const REACH = 15
/** Rounds of that, until recall is `ENOUGH`. */
const ROUNDS = 3
const ENOUGH = 0.97

/** Candidates of each sample: in the space of components neighbours have another order. */
const perShard = (k: number): number => Math.ceil(1.25 * k) + 12

/** The room that a search for k neighbours among n samples needs of its space. */
export const roomFor = (n: number, k: number, exactBelow = EXACT_BELOW): Room => {
  const most = Math.max(1, n - 1)
  const wanted = Math.max(1, Math.min(k, most))
  return n < exactBelow
    ? { k: wanted, candidates: Math.min(most, wanted + EXTRA), axes: axesFor(2) }
    : {
        k: wanted,
        candidates: Math.max(SHARDS * perShard(wanted), Math.min(most, wanted + EXTRA)),
        axes: AXES,
        descent: true,
      }
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
  await inBlocks({ stage: 'neighbours', found, options }, async queries =>
    keep(found, queries, await space.nearest(queries, k, Math.min(n - 1, k + EXTRA))),
  )
  return { ...found, method: 'exact', recall: 1, recallRows: n }
}

/**
 * Candidates by HNSW in the space of the leading components, then, as that space has another order, the neighbours of
 * neighbours (NN-descent; Dong, Charikar and Li 2011); distances and order are those of the full space.
 */
const approximate = async (space: Space, found: Found, options: NeighbourOptions): Promise<Neighbours> => {
  const { n, k } = found
  const { seed, signal, report } = options
  const each = perShard(k)
  const lists = await candidates(space, { axes: AXES, each, seed, signal, report })
  const block = new Uint32Array(BLOCK * SHARDS * each)
  const blocks: Blocks = { stage: 'distances', found, options }
  await inBlocks(blocks, async queries => {
    queries.forEach((query, q) => {
      lists.forEach((list, shard) => {
        block.set(list.subarray(query * each, (query + 1) * each), (q * SHARDS + shard) * each)
      })
    })
    const near = await space.among(queries, block.subarray(0, queries.length * SHARDS * each), SHARDS * each, k)
    keep(found, queries, near)
    const few = near.incomplete === 0 ? [] : Array.from(queries).filter((_, q) => isIncomplete(near, q, k))
    // Many duplicates can disconnect the graph: such samples are compared with all others.
    if (few.length > 0) keep(found, few, await space.nearest(few, k, Math.min(n - 1, k + EXTRA)))
  })
  const recall = await recallOf(space, found, seed)
  const reach = Math.min(k, REACH)
  for (let round = 0; round < ROUNDS && recall.now() < ENOUGH; round++) {
    space.setLists(found.indices)
    await inBlocks({ ...blocks, stage: `neighbours of neighbours, ${round + 1}` }, async queries =>
      keep(found, queries, await space.nearestByNeighbours(queries, k, Math.min(n - 1, k + EXTRA), reach)),
    )
  }
  return { ...found, method: 'hnsw', recall: recall.now(), recallRows: recall.rows }
}

interface Blocks {
  readonly stage: string
  readonly found: Found
  readonly options: NeighbourOptions
}

/** Goes through all samples, `BLOCK` at a time. */
const inBlocks = async (
  { stage, found: { n }, options: { signal, report } }: Blocks,
  search: (queries: Uint32Array) => Promise<void>,
): Promise<void> => {
  for (let first = 0; first < n; first += BLOCK) {
    const queries = rising(first, Math.min(n, first + BLOCK))
    await search(queries)
    report({ stage, done: first + queries.length, total: n, unit: 'samples' })
    await yieldToEventLoop(signal)
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
const recallOf = async (space: Space, { n, k, distances }: Found, seed: number) => {
  const rows = new Random('recall', seed).subset(n, RECALL_ROWS)
  const truth = await space.nearest(rows, k, Math.min(n - 1, k + EXTRA))
  const farthest = Array.from(rows, (_, slot) => truth.distances[slot * k + k - 1]!)
  const now = (): number => {
    let hits = 0
    rows.forEach((row, slot) => {
      for (let j = 0; j < k; j++) if (distances[row * k + j]! <= farthest[slot]!) hits++
    })
    return hits / (rows.length * k)
  }
  return { rows: rows.length, now }
}

const rising = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i)
