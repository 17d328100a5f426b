import type { Neighbours } from '../neighbours.ts'
import { type KernelMemory, rounded } from './memory.ts'
import type { Team } from './team.ts'

/** A symmetric graph in compressed rows, in the kernel's memory. */
export interface Graph {
  readonly n: number
  /** [n + 1] */
  readonly starts: Uint32Array
  /** [entries] */
  readonly columns: Uint32Array
  /** [entries], weights divided by the largest. */
  readonly shares: Float32Array
}

/** Bytes of the kernel's memory that the graph of n samples with k neighbours each requires while it is made. */
export const graphBytes = (n: number, k: number): number => 8 * rounded(4 * n * k) + 3 * rounded(4 * n + 4) + 64

/** The largest number of float32. */
const MAX_DISTANCE = 3.4028234663852886e38

/** @throws Error naming the first entry that is not a distance to another sample: the kernel checks no address */
export const checkNeighbours = ({ n, k, indices, distances }: Neighbours): void => {
  if (!(Number.isInteger(n) && Number.isInteger(k) && k >= 1 && k < n))
    throw new Error(`${k} neighbours of ${n} samples`)
  if (indices.length !== n * k || distances.length !== n * k)
    throw new Error(`${indices.length} neighbours with ${distances.length} distances are not ${k} of ${n} samples`)
  for (let e = 0; e < n * k; e++) {
    const index = indices[e]!
    const row = Math.floor(e / k)
    if (!(index >= 0 && index < n && index !== row)) throw new Error(`neighbour ${index} of sample ${row} of ${n}`)
    const distance = distances[e]!
    if (!(distance >= 0 && distance <= MAX_DISTANCE && (e % k === 0 || distance >= distances[e - 1]!)))
      throw new Error(`neighbour ${e % k} of sample ${row} is at distance ${distance}`)
  }
}

/**
 * The fuzzy graph of UMAP from the neighbours of every sample.
 * @param neighbours as `checkNeighbours` lets them through
 * @param epochs edges that would not be sampled once in so many are left out
 */
export const fuzzyGraph = async (
  neighbours: Neighbours,
  epochs: number,
  memory: KernelMemory,
  team: Team,
): Promise<Graph> => {
  const { n, k } = neighbours
  const indices = memory.uint32(n * k)
  indices.set(neighbours.indices)
  const strengths = memory.float32(n * k)
  strengths.set(neighbours.distances)
  const sum = neighbours.distances.reduce((total, distance) => total + distance, 0)
  const everywhere = sum / (n * (k + 1))
  await team.all('memberships', [n, k, indices.byteOffset, strengths.byteOffset, everywhere])

  const columnStarts = memory.uint32(n + 1)
  const places = memory.uint32(n)
  const rows = memory.uint32(n * k)
  const values = memory.float32(n * k)
  const starts = memory.uint32(n + 1)
  const columns = memory.uint32(2 * n * k)
  // The kernel reads four shares at a time.
  const shares = memory.float32(2 * n * k + 3)
  const row = [n, k, indices.byteOffset, strengths.byteOffset] as const
  team.kernel.transpose(...row, columnStarts.byteOffset, places.byteOffset, rows.byteOffset, values.byteOffset)
  const entries = team.kernel.symmetric(
    ...row,
    columnStarts.byteOffset,
    rows.byteOffset,
    values.byteOffset,
    epochs,
    starts.byteOffset,
    columns.byteOffset,
    shares.byteOffset,
  )
  return { n, starts, columns: columns.subarray(0, entries), shares: shares.subarray(0, entries) }
}
