import type { LayoutStability } from '../../contract/stability.ts'
import { slotsOfSamples, sumsPerCell } from '../layout/cell-sums.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { keptNeighbours, stabilityOfLayout } from '../store/layout-stability.ts'
import type { Readable } from '../store/sql.ts'
import { positionsInSet } from './positions.ts'

/**
 * The mean stability of the samples of each shown cell.
 * @param slots of every sample, as `slotsOfSamples` returns them
 * @param cells number of shown cells
 * @returns [cells]
 */
export function meansOfCells(
  db: Readable,
  { layout }: Pick<AtlasRecord, 'layout'>,
  { k, seeds }: LayoutStability,
  slots: Int32Array,
  cells: number,
): Float32Array<ArrayBuffer> {
  const { sums, counts } = sumsPerCell(slots, cells, keptNeighbours(db, layout)!)
  return Float32Array.from(sums, (sum, cell) => sum / (counts[cell]! * k * (seeds.length - 1)))
}

/** The same of the shown cells of a grid, in their order; null where the stability of the layout has not been measured. */
export function stabilityOfShown(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  shown: readonly { readonly i: number; readonly j: number }[],
): Float32Array | null {
  const measured = stabilityOfLayout(db, atlas.layout)
  if (measured === null) return null
  return meansOfCells(db, atlas, measured, slotsOfSamples(positionsInSet(db, atlas), grid, shown), shown.length)
}
