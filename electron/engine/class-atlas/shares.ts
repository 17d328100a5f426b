import { positionsInSet } from '../atlas/positions.ts'
import { countWithin, slotsOfSamples, sumsPerCell } from '../layout/cell-sums.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { listCells } from '../store/cells.ts'
import type { Readable } from '../store/sql.ts'

/** Sums over the samples of an atlas: cells and hidden cells together contain all of them. */
export interface Share {
  readonly samples: number
  readonly known: number
  readonly total: number
  readonly hidden: number
  /** The positive and the negative part of the total. */
  readonly positive: number
  readonly negative: number
  /** [shown], by row and column, and its positive part. */
  readonly cells: Float64Array
  readonly cellsPositive: Float64Array
}

/**
 * The share of the attribution of an atlas's samples in the cells of one of its grids.
 * @param values [samples of the set], attribution to the class, or its difference to another
 * @param known  whether the value of a sample is stored
 */
export function shareOf(
  db: Readable,
  atlas: Pick<AtlasRecord, 'id' | 'layout' | 'set'>,
  grid: number,
  values: ArrayLike<number>,
  known: (sample: number) => boolean,
): Share {
  const shown = listCells(db, atlas.id, grid).filter(({ icon }) => icon !== null)
  const slots = slotsOfSamples(positionsInSet(db, atlas), grid, shown)
  const { sums, positive, total } = sumsPerCell(slots, shown.length, values)
  const { count, of } = countWithin(slots, known)
  return {
    samples: of,
    known: count,
    total: total.positive + total.negative,
    hidden: total.hidden,
    positive: total.positive,
    negative: total.negative,
    cells: sums,
    cellsPositive: positive,
  }
}
