import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type * as Usearch from 'usearch'
import type { ShardData, ShardReply } from './candidates.ts'

// Its build for `import` searches its binary by an undecoded URL, which fails below a folder with # or ? in its name.
const usearch: typeof Usearch = createRequire(import.meta.url)('usearch')
const { BatchMatches, Index, MetricKind, ScalarKind } = usearch

/** HNSW: links of each sample, and candidates when adding and searching. */
const LINKS = 12
const ADDING = 64
const SEARCHING = 64
const BATCH = 512

/** One shard of `candidates`: builds its index, then searches all samples in it. */
const { coordinates, axes, from, to, each, found }: ShardData = workerData
const port = parentPort
if (port === null) throw new Error('layout/shard.worker.ts must run in a worker thread')
const send = (done: ShardReply): void => port.postMessage(done)
const n = coordinates.length / axes
const index = new Index({
  dimensions: axes,
  metric: MetricKind.L2sq,
  quantization: ScalarKind.F16,
  connectivity: LINKS,
  expansion_add: ADDING,
  expansion_search: Math.max(SEARCHING, each),
  multi: false,
})
/** A copy: the library does not take shared memory. */
const rows = (first: number, end: number): Float32Array => coordinates.slice(first * axes, end * axes)

for (let first = from; first < to; first += BATCH) {
  const end = Math.min(to, first + BATCH)
  const keys = BigUint64Array.from({ length: end - first }, (_, i) => BigInt(first + i))
  index.add(keys, Float32Array.from(rows(first, end)), 1)
  send(end - from)
}
for (let first = 0; first < n; first += BATCH) {
  const end = Math.min(n, first + BATCH)
  const matches = index.search(Float32Array.from(rows(first, end)), each, 1)
  // A single query's result has another shape than that of a batch.
  const counts = matches instanceof BatchMatches ? matches.counts : BigUint64Array.of(BigInt(matches.keys.length))
  const keys = matches.keys
  for (let row = first; row < end; row++)
    for (let c = 0; c < Number(counts[row - first]!); c++)
      found[row * each + c] = Number(keys[(row - first) * each + c]!)
  send(to - from + end)
}
