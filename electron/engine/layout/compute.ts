import type { LayoutParams, LayoutQuality } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { gatherIslands } from './islands.ts'
import { checkBytes, KernelMemory } from './native/memory.ts'
import { Space, spaceBytes, threadsOf } from './native/space.ts'
import { type Neighbours, neighbours, roomFor } from './neighbours.ts'
import { normalise } from './normalise.ts'
import { axesFor, firstAxes, noisyStart, principalCoordinates } from './pca.ts'
import { farthestUsual } from './place.ts'
import { layoutQuality } from './quality.ts'
import { checkSamples, type Samples } from './samples.ts'
import { allowedPerplexity, checkTsneSize, tsne } from './tsne.ts'
import { allowedNeighbours, checkUmapSize, umap } from './umap.ts'

export interface Layout {
  readonly n: number
  readonly dimensions: 1 | 2
  /** [n, dimensions] in [0, 1]. */
  readonly positions: Float64Array
  /** [n, dimensions], the result of the method, before normalisation. */
  readonly coordinates: Float64Array
  /** The method that was used: `plain` where there are too few different samples for the requested one. */
  readonly method: LayoutParams['method'] | 'plain'
  readonly neighbours: Pick<Neighbours, 'k' | 'method' | 'recall' | 'recallRows'>
  /** Undefined below 5 samples. */
  readonly quality: LayoutQuality | undefined
  /** An activation farther from every sample than this is unlike all samples. */
  readonly farthestUsual: number
  /** One sentence where the result differs from the request. */
  readonly note: string | undefined
}

/** Minimum number of samples: with fewer, neither method has neighbourhoods to preserve. */
const MIN_SAMPLES = 8

/** Number of samples above which the preview shows their principal components. */
const PREVIEW_FROM = 2_000

/**
 * Call it before any other work.
 * @param channels of the samples, where they are known: the search for neighbours holds them
 * @throws UserError when there are too many samples for the method, or for the memory of the kernel
 */
export const checkLayoutSize = (n: number, params: LayoutParams, channels?: number): void => {
  if (params.method === 'umap') checkUmapSize(n, allowedNeighbours(params.neighbours, n))
  else checkTsneSize(n)
  if (channels !== undefined) checkBytes(spaceBytes(n, channels, 2, roomFor(n, neighboursFor(n, params))))
}

/** Neighbours of each sample, without itself, that a layout is made of. */
export const neighboursFor = (n: number, params: LayoutParams): number =>
  params.method === 'umap'
    ? allowedNeighbours(params.neighbours, n) - 1
    : Math.ceil(3 * allowedPerplexity(params.perplexity, n))

/**
 * Room for samples in the memory of the kernel, to be filled page by page: a layer is then held once, as it is stored.
 * @throws UserError when they are more than 4 GB
 */
export const roomForSamples = (n: number, channels: number, params: LayoutParams): Samples & { rows: Float16Array } => {
  const memory = KernelMemory.create(spaceBytes(n, channels, 2, roomFor(n, neighboursFor(n, params))), threadsOf(n))
  const rows = memory.float16(n * channels)
  return { rows, n, channels, memory: memory.handedOver() }
}

/** Called with a preview, [n, dimensions] in [0, 1], at most once. */
export type OnFirst = (positions: Float64Array) => void

/** Computes a layout on the caller's thread; `layout` in run.ts runs it on another. */
export const computeLayout = async (
  samples: Samples,
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
  onFirst: OnFirst = () => {},
): Promise<Layout> => {
  checkLayoutSize(samples.n, params)
  checkSamples(samples)
  const { n } = samples
  const { dimensions, metric } = params
  const perplexity = allowedPerplexity(params.perplexity, n)
  const k = neighboursFor(n, params)
  const space = await Space.open(samples, metric, roomFor(n, k))
  try {
    report({ stage: 'principal components', done: 0, total: 1, unit: 'start' })
    const principal = firstAxes(await principalCoordinates(space, dimensions, seed), axesFor(dimensions), dimensions)
    report({ stage: 'principal components', done: 1, total: 1, unit: 'start' })

    const identical = allIdentical(samples)
    const plain = identical || n < MIN_SAMPLES
    // Of many samples the neighbours alone take seconds: the components are shown first.
    const previewed = n > PREVIEW_FROM && !plain
    if (previewed) onFirst(normalise(principal, dimensions))
    const near = await neighbours(space, { k, seed, signal, report })
    const first = previewed ? () => {} : (found: Float64Array): void => onFirst(normalise(found, dimensions))
    const coordinates = plain
      ? identical
        ? ring(n, dimensions)
        : principal
      : params.method === 'umap'
        ? (
            await umap([{ neighbours: near, start: noisyStart(principal, seed) }], params, seed, signal, report, {
              onFirst: ([found]) => first(found!),
            })
          )[0]!
        : await tsne(near, noisyStart(principal, seed), { ...params, perplexity }, signal, report, first)
    // Layouts of earlier versions, which name a number of epochs, are as they were.
    const gathered =
      params.epochs === 'by size' && !plain ? await gatherIslands(coordinates, dimensions, signal) : coordinates
    const positions = normalise(gathered, dimensions)
    const quality = await layoutQuality(space, positions, dimensions, seed, signal, report)
    return {
      n,
      dimensions,
      positions,
      coordinates,
      method: plain ? 'plain' : params.method,
      neighbours: { k: near.k, method: near.method, recall: near.recall, recallRows: near.recallRows },
      quality,
      farthestUsual: farthestUsual(near),
      note: note(n, params, perplexity, identical),
    }
  } finally {
    await space.close()
  }
}

const note = (n: number, params: LayoutParams, perplexity: number, identical: boolean): string | undefined => {
  const shape = params.dimensions === 1 ? 'a line' : 'a ring'
  if (identical)
    return n === 1 ? 'a single sample, placed in the middle' : `all ${n} samples are identical, drawn as ${shape}`
  if (n < MIN_SAMPLES) return `${n} samples are too few for ${params.method}, arranged by principal components`
  if (params.method === 'umap' && allowedNeighbours(params.neighbours, n) < params.neighbours)
    return `${n - 1} neighbours instead of ${params.neighbours}: there are only ${n} samples`
  if (params.method === 'tsne' && params.perplexity !== undefined && perplexity < params.perplexity)
    return `perplexity ${perplexity.toFixed(1)} instead of ${params.perplexity}: at most a third of the other samples`
  return undefined
}

const allIdentical = ({ rows, n, channels }: Samples): boolean => {
  for (let p = channels; p < n * channels; p++) if (rows[p] !== rows[p % channels]) return false
  return true
}

/** Identical samples, side by side so that each is visible. */
const ring = (n: number, dimensions: 1 | 2): Float64Array =>
  Float64Array.from({ length: n * dimensions }, (_, p) => {
    if (n === 1) return 0
    if (dimensions === 1) return p
    const angle = (2 * Math.PI * Math.floor(p / 2)) / n
    return p % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
  })
