import { UserError } from '../../contract/errors.ts'
import type { LayoutParams } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { type Layout, neighboursFor } from './compute.ts'
import { Space } from './native/space.ts'
import { type Neighbours, neighbours, roomFor } from './neighbours.ts'
import { normalise } from './normalise.ts'
import { axesFor, firstAxes, noisyStart, principalCoordinates } from './pca.ts'
import { farthestUsual } from './place.ts'
import { layoutQuality } from './quality.ts'
import { checkSamples, type Samples } from './samples.ts'
import { checkUmapSize, umap } from './umap.ts'

/** The spring of the first epoch; it falls to 0 over this share of the epochs, so that each view then finds its own form. */
const SPRING = 0.2
const SPRING_UNTIL = 0.6

/** One view of a sample set, such as a layer of a network. */
export interface NamedView {
  readonly name: string
  readonly samples: Samples
}

/** A view's layout, and how far its samples lie from their positions in the next view. */
export interface AlignedLayout extends Layout {
  /** Median distance, the map's edge being 1; undefined for the last view. */
  readonly displacement: number | undefined
}

/** @throws UserError when the views cannot be laid out together; call it before any other work */
export const checkAligned = (n: number, views: number, params: LayoutParams): void => {
  if (params.method !== 'umap')
    throw new UserError('only UMAP lays out several layers together; choose it, or do without --align')
  if (views < 2) throw new UserError('aligned layouts are of at least two layers; add a layer, or do without --align')
  checkUmapSize(n, neighboursFor(n, params) + 1, views)
}

/**
 * Lays out several views of the same samples together, so that a sample appears in the same place in each: all start from the
 * principal components of the view in the middle, and springs hold each sample to its positions in the adjacent views, ever
 * less firmly. A sample is held as firmly as its neighbourhoods in both views agree.
 * @param views in order: adjacent ones are held together
 */
export const computeAligned = async (
  views: readonly NamedView[],
  params: LayoutParams,
  seed: number,
  signal: AbortSignal,
  report: Report,
): Promise<readonly AlignedLayout[]> => {
  const { n } = views[0]!.samples
  checkAligned(n, views.length, params)
  const { dimensions, metric } = params
  const k = neighboursFor(n, params)
  const middle = Math.floor((views.length - 1) / 2)
  let start: Float64Array = new Float64Array(0)
  const near: Neighbours[] = []
  for (const [v, { name, samples }] of views.entries()) {
    if (samples.n !== n) throw new Error(`${samples.n} samples of ${name}, ${n} of ${views[0]!.name}`)
    checkSamples(samples)
    const ofView: Report = progress => report({ ...progress, stage: `${name}: ${progress.stage}` })
    const space = await Space.open(samples, metric, roomFor(n, k))
    try {
      if (v === middle) {
        const principal = firstAxes(
          await principalCoordinates(space, dimensions, seed),
          axesFor(dimensions),
          dimensions,
        )
        start = noisyStart(principal, seed)
      }
      near.push(await neighbours(space, { k, seed, signal, report: ofView }))
    } finally {
      await space.close()
    }
  }
  const held = near.map((its, v) => ({
    neighbours: its,
    start,
    ...(v + 1 < near.length && { springs: agreement(its, near[v + 1]!) }),
  }))
  const made = await umap(held, params, seed, signal, report, { spring: SPRING, springUntil: SPRING_UNTIL })
  // Each fills its frame: by one scale for all, the view that reaches farthest would leave the others small.
  const positions = made.map(coordinates => normalise(coordinates, dimensions))
  const layouts: AlignedLayout[] = []
  for (const [v, { samples, name }] of views.entries()) {
    const space = await Space.open(samples, metric, roomFor(n, k))
    try {
      const quality = await layoutQuality(space, positions[v]!, dimensions, seed, signal, progress =>
        report({ ...progress, stage: `${name}: ${progress.stage}` }),
      )
      const { method, recall, recallRows } = near[v]!
      layouts.push({
        n,
        dimensions,
        positions: positions[v]!,
        coordinates: made[v]!,
        method: 'umap',
        neighbours: { k, method, recall, recallRows },
        quality,
        farthestUsual: farthestUsual(near[v]!),
        note: undefined,
        displacement: v + 1 < views.length ? medianDistance(positions[v]!, positions[v + 1]!, dimensions) : undefined,
      })
    } finally {
      await space.close()
    }
  }
  return layouts
}

/** [n]: the share of each sample's neighbours in one view that are its neighbours in the other, divided by its mean. */
export const agreement = (a: Neighbours, b: Neighbours): Float32Array => {
  const { n, k } = a
  const shared = new Float32Array(n)
  let sum = 0
  for (let i = 0; i < n; i++) {
    const inB = new Set(b.indices.subarray(i * k, (i + 1) * k))
    for (let j = 0; j < k; j++) if (inB.has(a.indices[i * k + j]!)) shared[i]!++
    sum += shared[i]!
  }
  // Views that agree nowhere are held together everywhere.
  return sum === 0 ? shared.fill(1) : shared.map(count => (count * n) / sum)
}

/** Median distance of each sample's positions in two layouts. */
export const medianDistance = (a: Float64Array, b: Float64Array, dimensions: number): number => {
  const apart = Float64Array.from({ length: a.length / dimensions }, (_, i) => {
    let squared = 0
    for (let d = 0; d < dimensions; d++) squared += (a[i * dimensions + d]! - b[i * dimensions + d]!) ** 2
    return Math.sqrt(squared)
  }).sort()
  return apart[apart.length >> 1]!
}
