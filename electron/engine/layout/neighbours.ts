import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { candidates, SHARDS } from './candidates.ts'
import { BLOCK, isIncomplete, type Room, type Space } from './native/space.ts'
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

/** Candidates of each sample: in the space of components neighbours have another order. */
const perShard = (k: number): number => Math.ceil(1.25 * k) + 12

/** The room that a search for k neighbours among n samples needs of its space. */
export const roomFor = (n: number, k: number, exactBelow = EXACT_BELOW): Room => {
  const most = Math.max(1, n - 1)
  const wanted = Math.max(1, Math.min(k, most))
  return n < exactBelow
    ? { k: wanted, candidates: Math.min(most, wanted + EXTRA), axes: axesFor(2) }
    : { k: wanted, candidates: Math.max(SHARDS * perShard(wanted), Math.min(most, wanted + EXTRA)), axes: AXES }
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

const exact = async (space: Space, found: Found, { signal, report }: NeighbourOptions): Promise<Neighbours> => {
  const { n, k } = found
  for (let first = 0; first < n; first += BLOCK) {
    const queries = rising(first, Math.min(n, first + BLOCK))
    const { indices, distances } = await space.nearest(queries, k, Math.min(n - 1, k + EXTRA))
    found.indices.set(indices, first * k)
    found.distances.set(distances, first * k)
    report({ stage: 'neighbours', done: Math.min(n, first + BLOCK), total: n, unit: 'samples' })
    await yieldToEventLoop(signal)
  }
  return { ...found, method: 'exact', recall: 1, recallRows: n }
}

/** Candidates by HNSW in the space of the leading components; distances and order then in the full space. */
const approximate = async (space: Space, found: Found, options: NeighbourOptions): Promise<Neighbours> => {
  const { n, k } = found
  const { seed, signal, report } = options
  const each = perShard(k)
  const lists = await candidates(space, { axes: AXES, each, seed, signal, report })
  const block = new Uint32Array(BLOCK * SHARDS * each)
  for (let first = 0; first < n; first += BLOCK) {
    const queries = rising(first, Math.min(n, first + BLOCK))
    queries.forEach((query, q) => {
      lists.forEach((list, shard) => {
        block.set(list.subarray(query * each, (query + 1) * each), (q * SHARDS + shard) * each)
      })
    })
    const near = await space.among(queries, block.subarray(0, queries.length * SHARDS * each), SHARDS * each, k)
    found.indices.set(near.indices, first * k)
    found.distances.set(near.distances, first * k)
    if (near.incomplete > 0)
      await complete(
        space,
        found,
        Array.from(queries).filter((_, q) => isIncomplete(near, q, k)),
      )
    report({ stage: 'distances', done: Math.min(n, first + BLOCK), total: n, unit: 'samples' })
    await yieldToEventLoop(signal)
  }
  const measured = new Random('recall', seed).subset(n, RECALL_ROWS)
  const recall = await recallOn(measured, found, space)
  return { ...found, method: 'hnsw', recall, recallRows: measured.length }
}

/** Many duplicates can disconnect the graph: such samples are compared with all others. */
const complete = async (space: Space, found: Found, samples: readonly number[]): Promise<void> => {
  const { k } = found
  const { indices, distances } = await space.nearest(samples, k, Math.min(space.n - 1, k + EXTRA))
  samples.forEach((sample, s) => {
    found.indices.set(indices.subarray(s * k, (s + 1) * k), sample * k)
    found.distances.set(distances.subarray(s * k, (s + 1) * k), sample * k)
  })
}

/** A neighbour counts as true when it is no farther than the true k-th, so that ties count as found. */
const recallOn = async (rows: Int32Array, { k, distances, n }: Found, space: Space): Promise<number> => {
  const truth = await space.nearest(rows, k, Math.min(n - 1, k + EXTRA))
  let hits = 0
  rows.forEach((row, slot) => {
    for (let j = 0; j < k; j++) if (distances[row * k + j]! <= truth.distances[slot * k + k - 1]!) hits++
  })
  return hits / (rows.length * k)
}

const rising = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i)
