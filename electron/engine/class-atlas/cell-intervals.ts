import type { CrossFit } from '../../contract/class-selection.ts'
import { slotsOfSamples } from '../layout/cell-sums.ts'
import { halvesOf } from '../statistics/cross-fit.ts'
import { type MapIntervals, simultaneousMeans } from '../statistics/simultaneous.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import type { Readable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'
import { photographsOf } from './photographs.ts'

/** Means of the shown cells of a map, and which samples lie in them. */
interface MeasuredCells extends MapIntervals {
  /** [samples], indices in the set, rising. */
  readonly samples: Uint32Array
  /** [samples], index of the shown cell; −1: in a hidden one. */
  readonly slotOf: Int32Array
}

/**
 * The mean of a value in every shown cell of a class atlas or comparison, with intervals over photographs.
 * @param shown    row i and column j of every shown cell
 * @param value    of a sample of the set
 * @param crossFit how the samples were placed; null: without regard to the value, or by the value itself
 */
export function measureCells(
  db: Readable,
  atlas: Pick<ClassAtlasRecord, 'id' | 'layout' | 'set'>,
  grid: number,
  shown: readonly { readonly i: number; readonly j: number }[],
  value: (sample: number) => number,
  crossFit: CrossFit | null,
): MeasuredCells {
  const part = subsetPositions(db, atlas.layout)
  if (part === undefined) throw new Error(`atlas ${atlas.id} is not of a subset of its samples`)
  const { samples, xy } = part
  const slotOf = slotsOfSamples(xy, grid, shown)
  const { clusters, hashes } = photographsOf(db, atlas.set, samples)
  const found = simultaneousMeans({
    values: Float64Array.from(samples, value),
    clusters,
    cellOf: slotOf,
    cells: shown.length,
    ...(crossFit && {
      crossFit: {
        folds: halvesOf(hashes),
        predicted: Float64Array.from(samples, (_, at) => xy[2 * at]!),
        agreement: crossFit.agreement,
      },
    }),
  })
  return { ...found, samples, slotOf }
}
