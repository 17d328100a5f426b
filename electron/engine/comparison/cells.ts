import { z } from 'zod'
import { otherClassCount } from '../../contract/class-atlas.ts'
import type { ClassColumn } from '../attribution/class-columns.ts'
import { gridOf } from '../layout/grid.ts'
import { Identities } from '../photographs/read.ts'
import { listCells } from '../store/cells.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { stored } from '../store/json.ts'
import { samplesAt } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { subsetPositions } from '../store/subset-layouts.ts'
import { type ComparedCell, compareCell } from './separation.ts'

/** The stored classes with the largest attribution of a cell. */
const Top = z.object({ for: z.array(z.object({ class: z.int(), mean: z.number() })) })

/** Seed of the intervals, independent of the layout's seed. */
const SEED = 0

/** A compared cell with its icon. */
export type IconCell = ComparedCell & { readonly icon: string }

/**
 * The shown cells of a comparison, by row and column.
 * @param left,right columns of the two classes over all samples of the set
 */
export function comparisonCells(
  db: Readable,
  atlas: ClassAtlasRecord,
  grid: number,
  left: ClassColumn,
  right: ClassColumn,
): readonly IconCell[] {
  const part = subsetPositions(db, atlas.layout)
  if (part === undefined) throw new Error(`atlas ${atlas.id} is not of a subset of its samples`)
  const { samples, xy } = part
  const { cellOf } = gridOf(Float64Array.from(xy), grid, 1)
  const members = Map.groupBy(samples.keys(), at => cellOf[at]!)
  const photographs = new Identities(db)
  const where = samplesAt(db, atlas.set, Array.from(samples))
  return listCells(db, atlas.id, grid).flatMap(({ i, j, x, top, icon }): IconCell[] => {
    if (icon === null) return []
    const its = (members.get(i * grid + j) ?? []).map(at => samples[at]!)
    const otherClasses = stored(Top, top, 'the classes of a cell')
      .for.filter(value => value.class !== left.index && value.class !== right.index)
      .slice(0, otherClassCount)
      .map(value => ({ index: value.class, value: value.mean }))
    const compared = compareCell(
      { i, j, lean: 2 * x - 1, otherClasses },
      {
        left: Float64Array.from(its, s => left.values[s]!),
        right: Float64Array.from(its, s => right.values[s]!),
        photographs: its.map(s => photographs.of(where.get(s)!.image)),
      },
      SEED,
    )
    return [{ ...compared, icon }]
  })
}
