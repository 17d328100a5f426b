import { createRequire } from 'node:module'
import type * as Usearch from 'usearch'
import type { Metric } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { dot } from '../vectors/cosine.ts'
import { Nearest } from './nearest.ts'
import { Panels } from './products.ts'
import { distanceOf, type Samples, squaredLengths } from './samples.ts'
import { yieldToEventLoop } from './yield.ts'

// Its build for `import` searches its binary by an undecoded URL, which fails below a folder with # or ? in its name.
const usearch: typeof Usearch = createRequire(import.meta.url)('usearch')
const { BatchMatches, Index, MetricKind, ScalarKind } = usearch

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
  readonly metric: Metric
  /** Seed of the choice of samples on which recall is measured. */
  readonly seed: number
  readonly signal: AbortSignal
  readonly report: Report
  /** Number of samples from which on the search is approximate. */
  readonly exactBelow?: number
}

const EXACT_BELOW = 20_000
const RECALL_ROWS = 200
/** Panels of four rows per block: 64 rows of 512 channels fit the second-level cache twice. */
const BLOCK = 16
/**
 * HNSW as measured on 20,000 × 512: 16 links, 128 candidates when adding and 128 or 3k when searching find 99.8 %
 * of 50 true neighbours in 27 s of one thread; more links double the time for the remaining ones.
 */
const LINKS = 16
const CANDIDATES = 128
const BATCH = 256

/** k nearest neighbours: exact below 20,000 samples, otherwise by an HNSW graph built by one thread. */
export const neighbours = async (samples: Samples, options: NeighbourOptions): Promise<Neighbours> => {
  const k = Math.min(options.k, samples.n - 1)
  if (k < 1) {
    const none = { indices: new Int32Array(0), distances: new Float64Array(0) }
    return { n: samples.n, k: 0, ...none, method: 'exact', recall: 1, recallRows: samples.n }
  }
  return samples.n < (options.exactBelow ?? EXACT_BELOW) ? exact(samples, k, options) : hnsw(samples, k, options)
}

/** All pairs once, in blocks that fit in the cache; each sample is offered to the other. */
const exact = async (
  samples: Samples,
  k: number,
  { metric, signal, report }: NeighbourOptions,
): Promise<Neighbours> => {
  const { n } = samples
  const nearest = new Nearest(n, k)
  const panels = new Panels(samples)
  const squares = panels.squaredLengths()
  const distance = distanceOf(metric)
  const products = new Float64Array(16)
  const pair = (p: number, q: number): void => {
    panels.products(p, q, products)
    for (let r = 0; r < 4; r++) {
      const i = 4 * p + r
      for (let s = 0; s < 4; s++) {
        const j = 4 * q + s
        if (i >= j || j >= n) continue
        const apart = distance(products[4 * r + s]!, squares[i]!, squares[j]!)
        nearest.offer(i, j, apart)
        nearest.offer(j, i, apart)
      }
    }
  }
  const blocks = Math.ceil(panels.count / BLOCK)
  const total = (blocks * (blocks + 1)) / 2
  let done = 0
  for (let a = 0; a < blocks; a++) {
    for (let b = a; b < blocks; b++) {
      for (let p = a * BLOCK; p < Math.min(panels.count, (a + 1) * BLOCK); p++)
        for (let q = Math.max(p, b * BLOCK); q < Math.min(panels.count, (b + 1) * BLOCK); q++) pair(p, q)
      if (++done % 8 === 0) await yieldToEventLoop(signal)
    }
    report({ stage: 'neighbours', done, total, unit: 'blocks' })
  }
  return { n, k, ...nearest.sorted(), method: 'exact', recall: 1, recallRows: n }
}

/** Candidates from usearch in float32, their distances and order then computed in float64. */
const hnsw = async (samples: Samples, k: number, options: NeighbourOptions): Promise<Neighbours> => {
  const { n, channels, rows } = samples
  const { metric, seed, signal, report } = options
  const index = new Index({
    dimensions: channels,
    metric: metric === 'cosine' ? MetricKind.Cos : MetricKind.L2sq,
    quantization: ScalarKind.F32,
    connectivity: LINKS,
    expansion_add: CANDIDATES,
    expansion_search: Math.max(CANDIDATES, 3 * k),
    multi: false,
  })
  const total = 2 * n
  const batch = (from: number): Float32Array => rows.subarray(from * channels, Math.min(n, from + BATCH) * channels)
  for (let from = 0; from < n; from += BATCH) {
    const keys = BigUint64Array.from({ length: Math.min(BATCH, n - from) }, (_, i) => BigInt(from + i))
    index.add(keys, batch(from), 1)
    report({ stage: 'neighbours', done: from, total, unit: 'steps' })
    await yieldToEventLoop(signal)
  }
  const found = new Nearest(n, k)
  const scan = scanner(samples, metric)
  const candidates = Math.min(n, k + 1)
  for (let from = 0; from < n; from += BATCH) {
    const query = batch(from)
    const { keys, counts } = searchBatch(index, query, candidates)
    for (let r = 0; r < query.length / channels; r++) {
      const row = from + r
      const others: number[] = []
      for (let c = 0; c < counts[r]!; c++) {
        const other = Number(keys[r * candidates + c]!)
        if (other !== row) others.push(other)
      }
      // Many duplicates can disconnect the graph: such a sample is compared with all others.
      if (others.length < k) scan(row, found, row)
      else for (const other of others) found.offer(row, other, scan.distance(row, other))
    }
    report({ stage: 'neighbours', done: n + from, total, unit: 'steps' })
    await yieldToEventLoop(signal)
  }
  const sorted = found.sorted()
  const measured = new Random('recall', seed).subset(n, RECALL_ROWS)
  const recall = recallOn(measured, sorted.distances, k, scan)
  report({ stage: 'neighbours', done: total, total, unit: 'steps' })
  return { n, k, ...sorted, method: 'hnsw', recall, recallRows: measured.length }
}

/** usearch returns a single query in another shape than a batch. One thread, for deterministic results. */
const searchBatch = (index: Usearch.Index, query: Float32Array, k: number) => {
  const found = index.search(query, k, 1)
  if (found instanceof BatchMatches) return found
  return { keys: found.keys, counts: BigUint64Array.of(BigInt(found.keys.length)) }
}

interface Scan {
  /** Offers every other sample to `into`, as neighbours of `slot`. */
  (row: number, into: Nearest, slot: number): void
  readonly distance: (a: number, b: number) => number
}

const scanner = (samples: Samples, metric: Metric): Scan => {
  const { rows, n, channels } = samples
  const squares = squaredLengths(samples)
  const of = distanceOf(metric)
  const distance = (a: number, b: number): number =>
    of(dot(rows, a * channels, rows, b * channels, channels), squares[a]!, squares[b]!)
  const scan = (row: number, into: Nearest, slot: number): void => {
    for (let other = 0; other < n; other++) if (other !== row) into.offer(slot, other, distance(row, other))
  }
  return Object.assign(scan, { distance })
}

/** A neighbour counts as true when it is no farther than the true k-th, so that ties count as found. */
const recallOn = (rows: Int32Array, distances: Float64Array, k: number, scan: Scan): number => {
  const truth = new Nearest(rows.length, k)
  rows.forEach((row, slot) => {
    scan(row, truth, slot)
  })
  const { distances: exactly } = truth.sorted()
  let hits = 0
  rows.forEach((row, slot) => {
    for (let j = 0; j < k; j++) if (distances[row * k + j]! <= exactly[slot * k + k - 1]!) hits++
  })
  return hits / (rows.length * k)
}
