import { UserError } from '../../contract/errors.ts'
import { type LayoutParams, UMAP_EPOCHS, umapEpochs } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { similarityCurve } from './native/curve.ts'
import { checkNeighbours, fuzzyGraph, graphBytes } from './native/graph.ts'
import { KernelMemory, MAX_BYTES } from './native/memory.ts'
import { FIXED_BYTES, optimise, positionBytes, type View } from './native/optimise.ts'
import { Team, threadsFor } from './native/team.ts'
import type { Neighbours } from './neighbours.ts'

/** Share of the epochs before the preview. */
const PREVIEW_SHARE = 0.1

const bytesOf = (n: number, k: number, dimensions: number): number => graphBytes(n, k) + positionBytes(n, dimensions)

/** The maximum number of samples for UMAP with a number of neighbours (the sample itself included): what 4 GB hold. */
export const umapLimit = (neighbours: number, views = 1): number =>
  Math.floor((MAX_BYTES - FIXED_BYTES) / ((views * bytesOf(1e6, neighbours - 1, 2)) / 1e6))

/** The number of neighbours that n samples allow, the sample itself included. */
export const allowedNeighbours = (neighbours: number, n: number): number => Math.max(2, Math.min(neighbours, n - 1))

/** @throws UserError naming the limit; call it before any other work */
export const checkUmapSize = (n: number, neighbours: number, views = 1): void => {
  const limit = umapLimit(neighbours, views)
  if (n > limit)
    throw new UserError(
      `cannot lay out ${n} samples${views === 1 ? '' : ` of ${views} layers together`} by UMAP with ${neighbours} neighbours: the limit is ${limit}; use fewer samples or neighbours`,
    )
}

/** One view of a sample set, such as a layer of a network: who is near whom in it, and where the samples start. */
export interface UmapView {
  /** Others only; UMAP's count includes the sample, so this is UMAP of neighbours.k + 1. */
  readonly neighbours: Neighbours
  /** [n, dimensions] */
  readonly start: Float64Array
  /** As `View.springs`. */
  readonly springs?: Float32Array
}

/** @throws Error where a view has not the samples of the first: the kernel checks no address */
const checkView = ({ neighbours, start, springs }: UmapView, n: number, dimensions: number): void => {
  checkNeighbours(neighbours)
  if (neighbours.n !== n) throw new Error(`neighbours of ${neighbours.n} samples beside those of ${n}`)
  if (start.length !== n * dimensions)
    throw new Error(`${start.length} coordinates are not ${dimensions} of ${n} samples`)
  if (springs !== undefined && springs.length !== n) throw new Error(`${springs.length} springs for ${n} samples`)
}

interface UmapOptions {
  /** Called once with a preview of each view, [n, dimensions]. */
  readonly onFirst?: (coordinates: readonly Float64Array[]) => void
  /** By default as many as the machine has and the samples are worth; the result does not depend on it. */
  readonly threads?: number
  /** As in `OptimisationParams`; of a single view without effect. */
  readonly spring?: number
  readonly springUntil?: number
}

/**
 * UMAP (McInnes, Healy and Melville 2018) by the kernel in native/, from precomputed neighbours: of one view of the samples,
 * or of several, in which springs hold each sample to its positions in the adjacent views.
 * @returns [n, dimensions] of each view; the same bytes on every machine, for any number of threads
 */
export const umap = async (
  views: readonly UmapView[],
  params: Pick<LayoutParams, 'minDist' | 'epochs' | 'learningRate' | 'dimensions'>,
  seed: number,
  signal: AbortSignal,
  report: Report,
  { onFirst = () => {}, threads, spring = 0, springUntil = 1 }: UmapOptions = {},
): Promise<readonly Float64Array[]> => {
  const { n, k } = views[0]!.neighbours
  const { dimensions } = params
  checkUmapSize(n, k + 1, views.length)
  views.forEach(view => {
    checkView(view, n, dimensions)
  })
  const epochs = params.epochs === 'by size' ? umapEpochs(n) : (params.epochs ?? UMAP_EPOCHS)
  const memory = KernelMemory.create(views.length * bytesOf(n, k, dimensions) + FIXED_BYTES, threads ?? threadsFor(n))
  const team = new Team(memory)
  try {
    const placed: View[] = []
    for (const [v, { neighbours, ...view }] of views.entries()) {
      report({ stage: 'graph', done: v, total: views.length, unit: 'graph' })
      placed.push({ ...view, graph: await fuzzyGraph(neighbours, epochs, memory, team) })
      signal.throwIfAborted()
    }
    report({ stage: 'graph', done: views.length, total: views.length, unit: 'graph' })
    const first = Math.ceil(epochs * PREVIEW_SHARE)
    return await optimise(
      placed,
      {
        dimensions,
        epochs,
        learningRate: params.learningRate ?? 1,
        ...similarityCurve(params.minDist),
        seed,
        spring,
        springUntil,
      },
      memory,
      team,
      signal,
      (done, positions) => {
        if (done === first) onFirst(positions())
        report({ stage: 'umap', done, total: epochs, unit: 'epochs' })
      },
    )
  } finally {
    await team.end()
  }
}
