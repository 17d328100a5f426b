import { UMAP } from 'umap-js'
import { UserError } from '../../contract/errors.ts'
import { type LayoutParams, MAX_LAYOUT_SAMPLES } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import type { Neighbours } from './neighbours.ts'
import { yieldToEventLoop } from './yield.ts'

/**
 * umap-js stores its graph in a Map, with at most 2²⁴ entries in V8. The graph has at most 2(k−1)+1 entries for a
 * sample of k neighbours; and beyond `MAX_LAYOUT_SAMPLES` the strings of its keys take more memory than the rest of the
 * engine.
 */
const MAP_ENTRIES = 2 ** 24

/** Share of the epochs before the preview. */
const PREVIEW_SHARE = 0.1

/** The maximum number of samples for UMAP with a number of neighbours (the sample itself included). */
export const umapLimit = (neighbours: number): number =>
  Math.min(MAX_LAYOUT_SAMPLES, Math.floor(MAP_ENTRIES / (2 * neighbours - 1)))

/** The number of neighbours that n samples allow: umap-js requires more samples than neighbours. */
export const allowedNeighbours = (neighbours: number, n: number): number => Math.max(2, Math.min(neighbours, n - 1))

/** @throws UserError naming the limit; call it before any other work */
export const checkUmapSize = (n: number, neighbours: number): void => {
  const limit = umapLimit(neighbours)
  if (n > limit)
    throw new UserError(
      `cannot lay out ${n} samples by UMAP with ${neighbours} neighbours: the limit of its library (umap-js) is ${limit}; use fewer samples or neighbours`,
    )
}

/**
 * UMAP (McInnes, Healy and Melville 2018) by umap-js, from precomputed neighbours.
 * @param neighbours others only; UMAP's count includes the sample, so it runs with neighbours.k + 1
 * @param start      [n, dimensions], the initialisation
 * @param onFirst    called once with a preview, [n, dimensions]
 * @returns [n, dimensions]
 */
export const umap = async (
  neighbours: Neighbours,
  start: Float64Array,
  params: Pick<LayoutParams, 'minDist' | 'epochs' | 'learningRate' | 'dimensions'>,
  seed: number,
  signal: AbortSignal,
  report: Report,
  onFirst: (coordinates: Float64Array) => void = () => {},
): Promise<Float64Array> => {
  const { n, k, indices, distances } = neighbours
  const { dimensions } = params
  checkUmapSize(n, k + 1)
  const random = new Random('umap', seed)
  const engine = new UMAP({
    nComponents: dimensions,
    nNeighbors: k + 1,
    minDist: params.minDist,
    nEpochs: params.epochs ?? 0,
    learningRate: params.learningRate ?? 1,
    random: () => random.uniform(),
  })
  const rows = Array.from({ length: n }, (_, i) => i)
  engine.setPrecomputedKNN(
    rows.map(i => [i, ...indices.subarray(i * k, (i + 1) * k)]),
    rows.map(i => [0, ...distances.subarray(i * k, (i + 1) * k)]),
  )
  report({ stage: 'graph', done: 0, total: 1, unit: 'graph' })
  // With precomputed neighbours, only the number of samples is read from the data.
  const epochs = engine.initializeFit(rows.map(() => []))
  signal.throwIfAborted()
  report({ stage: 'graph', done: 1, total: 1, unit: 'graph' })

  // umap-js initialises at random and has no option for another start; the rows that it returns are those that it
  // modifies, so they can be set before the first epoch.
  const rowsMoved = engine.getEmbedding()
  rowsMoved.forEach((row, i) => {
    for (let d = 0; d < dimensions; d++) row[d] = start[i * dimensions + d]!
  })
  const coordinates = (): Float64Array => {
    const moved = engine.getEmbedding()
    return Float64Array.from({ length: n * dimensions }, (_, p) => moved[Math.floor(p / dimensions)]![p % dimensions]!)
  }
  const first = Math.ceil(epochs * PREVIEW_SHARE)
  for (let epoch = 0; epoch < epochs; epoch++) {
    engine.step()
    if (epoch + 1 === first) onFirst(coordinates())
    report({ stage: 'umap', done: epoch + 1, total: epochs, unit: 'epochs' })
    await yieldToEventLoop(signal)
  }
  return coordinates()
}
