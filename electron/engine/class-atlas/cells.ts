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
 * Minimum samples of a shown cell. If few samples pass the filter, the published minimum would hide all cells: then a
 * twentieth of them, and a single one if fewer than forty pass.
 */
export const effectiveMinimum = (requested: number, samples: number): number =>
  Math.max(1, Math.min(requested, Math.floor(samples / 20)))
