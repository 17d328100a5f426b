import { Worker } from 'node:worker_threads'
import type { Report } from '../../contract/progress.ts'
import type { Space } from './native/space.ts'
import { principalCoordinates } from './pca.ts'

/**
 * Parts of the samples, each with an index of its own, which one thread builds: the result is then the same on any number
 * of cores. Two, because every sample is searched in every part.
 */
export const SHARDS = 2

/** What a shard's thread starts with; arrays are in shared memory. */
export interface ShardData {
  /** [n, axes] */
  readonly coordinates: Float32Array
  readonly axes: number
  /** The shard's samples. */
  readonly from: number
  readonly to: number
  /** Candidates of each sample. */
  readonly each: number
  /** [n, each], written: indices of samples, n where there are fewer. */
  readonly found: Uint32Array
}
/** Samples added or searched so far. */
export type ShardReply = number

interface CandidateOptions {
  readonly axes: number
  readonly each: number
  readonly seed: number
  readonly signal: AbortSignal
  readonly report: Report
}

/**
 * Candidates for the neighbours of every sample: those nearest along the leading principal components, in each shard.
 * @returns one list for each shard, [n, each]; n where there is no candidate
 */
export const candidates = async (
  space: Space,
  { axes, each, seed, signal, report }: CandidateOptions,
): Promise<readonly Uint32Array[]> => {
  const { n } = space
  const coordinates = await principalCoordinates(space, axes, seed)
  const done = new Float64Array(SHARDS)
  const edges = Array.from({ length: SHARDS + 1 }, (_, shard) => Math.floor((n * shard) / SHARDS))
  const total = n + SHARDS * n
  const search = async (shard: number): Promise<Uint32Array> => {
    const found = new Uint32Array(new SharedArrayBuffer(4 * n * each), 0, n * each).fill(n)
    const data: ShardData = { coordinates, axes, from: edges[shard]!, to: edges[shard + 1]!, each, found }
    await onThread(data, signal, count => {
      done[shard] = count
      report({ stage: 'neighbours', done: done.reduce((sum, x) => sum + x, 0), total, unit: 'steps' })
    })
    return found
  }
  return await Promise.all(edges.slice(1).map((_, shard) => search(shard)))
}

const onThread = async (data: ShardData, signal: AbortSignal, onProgress: (done: number) => void): Promise<void> => {
  signal.throwIfAborted()
  const worker = new Worker(new URL('./shard.worker.ts', import.meta.url), { workerData: data })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = (): void => reject(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  worker.on('message', onProgress)
  worker.on('error', reject)
  worker.on('exit', code =>
    code === 0 ? resolve() : reject(new Error('a thread of the neighbour search ended early')),
  )
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', cancel)
    await worker.terminate()
  }
}
