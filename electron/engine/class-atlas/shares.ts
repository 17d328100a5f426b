import { gridOf } from '../layout/grid.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { listCells } from '../store/cells.ts'
import { layoutPositions } from '../store/layouts.ts'
import { partPositions } from '../store/part-layouts.ts'
import type { Readable } from '../store/sql.ts'

/** Sums over the samples of an atlas: cells and hidden cells together hold every one of them. */
export interface Share {
  readonly samples: number
  readonly known: number
  readonly total: number
  readonly hidden: number
  /** Of the total, what speaks for and against. */
  readonly positive: number
  readonly negative: number
  /** [shown], by row and column, and what of it is positive. */
  readonly cells: Float64Array
  readonly cellsPositive: Float64Array
}

/**
 * How much of what the samples of an atlas say for a class the cells of one of its grids carry.
 * @param values [samples of the set], attribution to the class, or its difference to another
 * @param known  1 where it is known
 */
export function shareOf(
  db: Readable,
  atlas: Pick<AtlasRecord, 'id' | 'layout'>,
  grid: number,
  values: ArrayLike<number>,
  known: (sample: number) => boolean,
): Share {
  const part = partPositions(db, atlas.layout)
  const xy = part?.xy ?? layoutPositions(db, atlas.layout)
  const { cellOf } = gridOf(Float64Array.from(xy), grid, 1)
  const shown = listCells(db, atlas.id, grid).filter(({ icon }) => icon !== null)
  const slots = new Map(shown.map(({ i, j }, slot) => [i * grid + j, slot]))
  const cells = new Float64Array(shown.length)
  const cellsPositive = new Float64Array(shown.length)
  let [hidden, positive, negative, counted] = [0, 0, 0, 0]
  for (let at = 0; at < cellOf.length; at++) {
    const sample = part?.samples[at] ?? at
    const value = values[sample]!
    if (known(sample)) counted++
    if (value > 0) positive += value
    else negative += value
    const slot = slots.get(cellOf[at]!)
    if (slot === undefined) hidden += value
    else {
      cells[slot]! += value
      if (value > 0) cellsPositive[slot]! += value
    }
  }
  return {
    samples: cellOf.length,
    known: counted,
    total: positive + negative,
    hidden,
    positive,
    negative,
    cells,
    cellsPositive,
  }
}
