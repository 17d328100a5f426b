import { UserError } from '../../contract/errors.ts'
import { type LayoutParams, UMAP_EPOCHS } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { similarityCurve } from './native/curve.ts'
import { fuzzyGraph, graphBytes } from './native/graph.ts'
import { KernelMemory, MAX_BYTES } from './native/memory.ts'
import { FIXED_BYTES, optimise, positionBytes } from './native/optimise.ts'
import { Team, threadsFor } from './native/team.ts'
import type { Neighbours } from './neighbours.ts'

/** Share of the epochs before the preview. */
const PREVIEW_SHARE = 0.1

const bytesOf = (n: number, k: number, dimensions: number): number =>
  graphBytes(n, k) + positionBytes(n, dimensions) + FIXED_BYTES

/** The maximum number of samples for UMAP with a number of neighbours (the sample itself included): what 4 GB hold. */
export const umapLimit = (neighbours: number): number =>
  Math.floor((MAX_BYTES - bytesOf(0, 0, 2)) / (bytesOf(1e6, neighbours - 1, 2) / 1e6))

/** The number of neighbours that n samples allow, the sample itself included. */
export const allowedNeighbours = (neighbours: number, n: number): number => Math.max(2, Math.min(neighbours, n - 1))

/** @throws UserError naming the limit; call it before any other work */
export const checkUmapSize = (n: number, neighbours: number): void => {
  const limit = umapLimit(neighbours)
  if (n > limit)
    throw new UserError(
      `cannot lay out ${n} samples by UMAP with ${neighbours} neighbours: the limit is ${limit}; use fewer samples or neighbours`,
    )
}

interface UmapOptions {
  /** Called once with a preview, [n, dimensions]. */
  readonly onFirst?: (coordinates: Float64Array) => void
  /** By default as many as the machine has and the samples are worth; the result does not depend on it. */
  readonly threads?: number
}

/**
 * UMAP (McInnes, Healy and Melville 2018) by the kernel in native/, from precomputed neighbours.
 * @param neighbours others only; UMAP's count includes the sample, so this is UMAP of neighbours.k + 1
 * @param start      [n, dimensions], the initialisation
 * @returns [n, dimensions]; the same bytes on every machine, for any number of threads
 */
export const umap = async (
  neighbours: Neighbours,
  start: Float64Array,
  params: Pick<LayoutParams, 'minDist' | 'epochs' | 'learningRate' | 'dimensions'>,
  seed: number,
  signal: AbortSignal,
  report: Report,
  { onFirst = () => {}, threads = threadsFor(neighbours.n) }: UmapOptions = {},
): Promise<Float64Array> => {
  const { n, k } = neighbours
  const { dimensions } = params
  checkUmapSize(n, k + 1)
  const epochs = params.epochs ?? UMAP_EPOCHS
  const memory = new KernelMemory(bytesOf(n, k, dimensions), threads)
  const team = new Team(memory, threads)
  try {
    report({ stage: 'graph', done: 0, total: 1, unit: 'graph' })
    const graph = await fuzzyGraph(neighbours, epochs, memory, team)
    signal.throwIfAborted()
    report({ stage: 'graph', done: 1, total: 1, unit: 'graph' })
    const first = Math.ceil(epochs * PREVIEW_SHARE)
    const [coordinates] = await optimise(
      [{ graph, start }],
      {
        dimensions,
        epochs,
        learningRate: params.learningRate ?? 1,
        ...similarityCurve(params.minDist),
        seed,
        spring: 0,
        springUntil: 1,
      },
      memory,
      team,
      signal,
      (done, positions) => {
        if (done === first) onFirst(positions()[0]!)
        report({ stage: 'umap', done, total: epochs, unit: 'epochs' })
      },
    )
    return coordinates!
  } finally {
    await team.end()
  }
}
