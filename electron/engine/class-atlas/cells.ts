import { defaultMinSamples, ENOUGH_SHOWN, type MinSamples } from '../../contract/class-atlas.ts'
import { joined } from '../atlas/cells.ts'
import { CellAttribution } from '../layout/cell-attribution.ts'
import { CellMeans } from '../layout/cell-means.ts'
import { gridOf } from '../layout/grid.ts'
import type { Cell } from '../store/cells.ts'
import { readPart, type Source } from './source.ts'

export interface PartOfLayer {
  /** Indices in the set, rising. */
  readonly samples: Uint32Array
  /** [samples, channels] */
  readonly rows: Float32Array
}

/**
 * The cells of a subset of a layer's samples at several grids, in one pass over their attributions.
 * Positions are rounded to float32 first, as they are stored, so that readers assign every sample to the same cell.
 * @param xy          [samples, 2]
 * @param iconContext key of the parameters of icons apart from their directions
 */
export async function cellsOfPart(
  source: Source,
  { samples, rows }: PartOfLayer,
  xy: Float32Array,
  {
    grids,
    minSamples,
    iconContext,
  }: { readonly grids: readonly number[]; readonly minSamples: number; readonly iconContext: string },
): Promise<ReadonlyMap<number, readonly Cell[]>> {
  const { channels } = source.layer
  const positions = Float64Array.from(xy)
  const all = grids.map(size => {
    const grid = gridOf(positions, size, minSamples)
    const means = new CellMeans(grid, channels)
    means.feed(0, rows)
    return { size, grid, means, attribution: new CellAttribution(grid, source.classifier.labels.length) }
  })
  for await (const { start, values } of readPart(source, samples, rows))
    for (const { attribution } of all) attribution.feed(start, values)
  return new Map(
    all.map(({ size, grid, means, attribution }) => [
      size,
      joined(grid, Float32Array.from(means.means()), attribution.result(), positions, channels, iconContext),
    ]),
  )
}

/**
 * Minimum samples of a shown cell. `auto`: the published minimum, or less where the coarsest grid would show too few of the
 * samples with it. If few samples pass the filter, the published minimum would hide all cells: then a
 * twentieth of them, and a single one if fewer than forty pass.
 */
export const effectiveMinimum = (requested: MinSamples, xy: Float32Array, grids: readonly number[]): number => {
  const samples = xy.length / 2
  if (requested !== 'auto') return Math.max(1, Math.min(requested, Math.floor(samples / 20)))
  const { counts } = gridOf(Float64Array.from(xy), Math.min(...grids), 1)
  return showingEnough(counts, defaultMinSamples).minSamples
}

/**
 * The largest minimum, up to a given one, with which shown cells hold enough of all samples, and how many they hold. With 1
 * they hold all.
 * @param counts samples of each cell
 */
export function showingEnough(
  counts: Iterable<number>,
  most: number,
): { readonly minSamples: number; readonly samples: number } {
  const all = [...counts]
  const total = all.reduce((sum, count) => sum + count, 0)
  for (let minSamples = most; minSamples > 1; minSamples--) {
    const samples = all.reduce((sum, count) => (count < minSamples ? sum : sum + count), 0)
    if (samples >= ENOUGH_SHOWN * total) return { minSamples, samples }
  }
  return { minSamples: 1, samples: total }
}
