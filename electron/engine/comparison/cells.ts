import type { ComparisonSelection } from '../../contract/class-selection.ts'
import { otherClassCount } from '../../contract/comparison.ts'
import type { ClassColumn } from '../attribution/class-columns.ts'
import { measureCells } from '../class-atlas/cell-intervals.ts'
import { sumsPerCell } from '../layout/cell-sums.ts'
import { listCells, StrongestClasses } from '../store/cells.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { stored } from '../store/json.ts'
import type { Readable } from '../store/sql.ts'
import { type ComparedCell, type ComparedMap, isSignificant } from './separation.ts'

/** A compared cell with its icon. */
export type IconCell = ComparedCell & { readonly icon: string }

/**
 * The shown cells of a comparison, by row and column, with what their intervals refer to.
 * @param left,right columns of the two classes over all samples of the set
 */
export function comparisonCells(
  db: Readable,
  atlas: ClassAtlasRecord,
  { crossFit }: Pick<ComparisonSelection, 'crossFit'>,
  grid: number,
  left: ClassColumn,
  right: ClassColumn,
): ComparedMap<IconCell> {
  const shown = listCells(db, atlas.id, grid).flatMap(cell =>
    cell.icon === null ? [] : [{ ...cell, icon: cell.icon }],
  )
  const found = measureCells(db, atlas, grid, shown, s => right.values[s]! - left.values[s]!, crossFit)
  const map = { tested: found.tested, mean: found.mean, crossFitted: crossFit !== null }
  const meanOf = ({ values }: ClassColumn): Float64Array => {
    const { sums, counts } = sumsPerCell(
      found.slotOf,
      shown.length,
      Float64Array.from(found.samples, s => values[s]!),
    )
    return sums.map((sum, slot) => sum / counts[slot]!)
  }
  const [ofLeft, ofRight] = [meanOf(left), meanOf(right)]
  const cells = shown.map(({ i, j, x, count, top, icon }, slot): IconCell => {
    const statistics = found.cells[slot]!
    return {
      i,
      j,
      count,
      photographs: statistics.photographs,
      left: ofLeft[slot]!,
      right: ofRight[slot]!,
      difference: statistics.mean,
      interval: statistics.interval,
      significant: isSignificant(statistics, map),
      lean: 2 * x - 1,
      otherClasses: stored(StrongestClasses, top, 'the classes of a cell')
        .for.filter(value => value.class !== left.index && value.class !== right.index)
        .slice(0, otherClassCount)
        .map(value => ({ index: value.class, value: value.mean })),
      icon,
    }
  })
  return { ...map, cells }
}
