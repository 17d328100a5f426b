import type { CellLabel } from '../../contract/cell-labels.ts'
import { InversionSchema } from '../../contract/inversion.ts'
import { labelsByPlace } from '../atlas/cell-labels.ts'
import { unseenMargin } from '../atlas/picture.ts'
import type { ClassColumn } from '../attribution/class-columns.ts'
import type { Label } from '../model/classifier.ts'
import { type CellInterval, isBeyond } from '../statistics/simultaneous.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { listCells } from '../store/cells.ts'
import type { ClassAtlasRecord } from '../store/class-atlases.ts'
import { findIcon } from '../store/icons.ts'
import { stored } from '../store/json.ts'
import type { Readable } from '../store/sql.ts'
import { measureCells } from './cell-intervals.ts'
import type { FigureCell } from './figure-cells.ts'

/** A shown cell of a class atlas with its attribution to the class. */
export interface ClassCell {
  readonly i: number
  readonly j: number
  readonly count: number
  readonly x: number
  readonly y: number
  /** Mean attribution to the class of the atlas, in logits. */
  readonly attribution: number
  /** Its interval, simultaneous over the cells of the map; null: too few photographs. */
  readonly interval: CellInterval['interval']
  readonly photographs: number
  /** Whether the interval lies beyond 0 and the mean of all samples of the atlas, to the same side. */
  readonly significant: boolean
  readonly icon: string
}

/** A cell of a class atlas with its label; null where no class and no group of classes is reliable. */
export type LabelledCell = ClassCell & { readonly label: CellLabel | null }

/** The cells of a class atlas, and what their intervals refer to. */
export interface ClassMap<C extends ClassCell = ClassCell> {
  readonly cells: readonly C[]
  /** Cells with an interval. */
  readonly tested: number
  /** Mean attribution of all samples of the atlas, logits. */
  readonly mean: number
}

/**
 * The shown cells of a class atlas, by row and column. Their samples were selected by this attribution, so that its mean is
 * above 0 by choice; the layout does not use it, so that cells can be compared with the mean of all.
 */
export function classCells(db: Readable, atlas: ClassAtlasRecord, grid: number, { values }: ClassColumn): ClassMap {
  const shown = listCells(db, atlas.id, grid).flatMap(cell =>
    cell.icon === null ? [] : [{ ...cell, icon: cell.icon }],
  )
  const found = measureCells(db, atlas, grid, shown, s => values[s]!, null)
  const { tested, mean } = found
  const cells = shown.map(({ i, j, count, x, y, icon }, slot): ClassCell => {
    const { mean: attribution, interval, photographs } = found.cells[slot]!
    return {
      i,
      j,
      count,
      x,
      y,
      attribution,
      interval,
      photographs,
      significant: isBeyond(interval, mean),
      icon,
    }
  })
  return { cells, tested, mean }
}

/**
 * The cells with their labels, which have to be stored.
 * @param classes of the network
 */
export function labelledCells(
  db: Readable,
  atlas: ClassAtlasRecord,
  grid: number,
  map: ClassMap,
  classes: readonly Label[],
): ClassMap<LabelledCell> {
  const labels = labelsByPlace(db, atlas, grid, classes)
  return { ...map, cells: map.cells.map(cell => ({ ...cell, label: labels.get(cell.i * grid + cell.j) ?? null })) }
}

/** Cells of a figure: icon, label and bar of the shown ones, and dots for the hidden. */
export function figureCells<C extends { readonly i: number; readonly j: number; readonly icon: string }>(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  shown: readonly C[],
  drawn: (cell: C) => Pick<FigureCell, 'label' | 'bar' | 'note'>,
  columnOf: (j: number) => number = j => j,
): readonly FigureCell[] {
  const byPlace = new Map(shown.map(cell => [cell.i * grid + cell.j, cell]))
  return listCells(db, atlas.id, grid).map(({ i, j, count }): FigureCell => {
    const cell = byPlace.get(i * grid + j)
    const place = { row: i, column: columnOf(j), count }
    if (cell === undefined) return { ...place, icon: undefined, label: '', bar: 0 }
    return { ...place, icon: findIcon(db, cell.icon)?.webp ?? undefined, ...drawn(cell) }
  })
}

/** The margin of an atlas's icons that few steps covered. */
export const trimOf = ({ name, preset }: AtlasRecord): number =>
  unseenMargin(stored(InversionSchema, preset, `the preset of ${name}`))
