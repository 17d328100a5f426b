import { z } from 'zod'
import { asFloat32, bytesOf } from './bytes.ts'
import { removeCellLabels } from './cell-labels.ts'
import { contradictory } from './failures.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

const Attributed = z.array(z.object({ class: z.int(), mean: z.number(), deviation: z.number() }))
/** The classes with the largest positive and negative attribution of a cell, the strongest first, as cells store them. */
export const StrongestClasses = z.object({ for: Attributed, against: Attributed })

/** A cell of one grid of an atlas. A hidden cell (too few samples) has a count and no direction. */
export interface Cell {
  /** Row and column, 0-based. */
  readonly i: number
  readonly j: number
  readonly count: number
  /** Mean position of its samples on the layout. */
  readonly x: number
  readonly y: number
  /** Class with the strongest mean attribution, and the share of samples whose strongest class it is. */
  readonly label: number | null
  readonly share: number | null
  /** `StrongestClasses`; null for a hidden cell. */
  readonly top: Json
  /** [channels], the mean activation. */
  readonly direction: Float32Array | null
  /** Key of its icon, which may not be rendered yet. */
  readonly icon: string | null
}

type CellRow = Omit<Cell, 'top' | 'direction'> & { readonly top: string | null; readonly direction: Uint8Array | null }
type Grid = { readonly atlas: number; readonly grid: number }

const select = query<Grid, CellRow>(`
  SELECT i, j, count, x, y, label, share, top, direction, icon FROM cells
  WHERE atlas = @atlas AND grid = @grid ORDER BY i, j
`)
const selectGrids = query<{ atlas: number }, { grid: number; cells: number; samples: number; shown: number }>(`
  SELECT grid, count(*) AS cells, sum(count) AS samples, sum(iif(icon IS NULL, 0, count)) AS shown
  FROM cells WHERE atlas = @atlas GROUP BY grid ORDER BY grid
`)
const selectCounts = query<Grid, { count: number }>('SELECT count FROM cells WHERE atlas = @atlas AND grid = @grid')
const selectPending = query<
  { atlas: number },
  { icon: string; direction: Uint8Array | null; grid: number; i: number; j: number; drafted: number }
>(`
  SELECT icon, direction, grid, i, j, icons.key IS NOT NULL AS drafted
  FROM cells LEFT JOIN icons ON icons.key = cells.icon
  WHERE atlas = @atlas AND icon IS NOT NULL AND (icons.key IS NULL OR json_extract(icons.preset, '$.draft') = 1)
  ORDER BY grid, i, j
`)
const insert = command<Grid & CellRow>(`
  INSERT INTO cells (atlas, grid, i, j, count, x, y, label, share, top, direction, icon)
  VALUES (@atlas, @grid, @i, @j, @count, @x, @y, @label, @share, @top, @direction, @icon)
`)
const remove = command<Grid>('DELETE FROM cells WHERE atlas = @atlas AND grid = @grid')

/** Replaces the cells of a grid, by row and column. */
export const putCells = (db: Writable, atlas: number, grid: number, cells: readonly Cell[]): void =>
  db.write(() => {
    db.run(remove, { atlas, grid })
    removeCellLabels(db, atlas, grid)
    for (const cell of cells)
      db.run(insert, {
        ...cell,
        atlas,
        grid,
        top: cell.top === null ? null : toJson(cell.top),
        direction: cell.direction && bytesOf(cell.direction),
      })
  })

export const listCells = (db: Readable, atlas: number, grid: number): Cell[] =>
  db.all(select, { atlas, grid }).map(row => {
    if (row.icon !== null && row.direction === null)
      throw contradictory(
        db.file,
        `cell ${row.i}, ${row.j} of a grid of ${grid} × ${grid} has an icon and no direction`,
      )
    return toCell(row)
  })

/** Only a hidden cell has no direction. */
const undirected = (db: Readable, { grid, i, j }: { readonly grid: number; readonly i: number; readonly j: number }) =>
  contradictory(db.file, `cell ${i}, ${j} of a grid of ${grid} × ${grid} has an icon and no direction`)

const toCell = (row: CellRow): Cell => ({
  ...row,
  top: row.top === null ? null : fromJson(row.top),
  direction: row.direction && asFloat32(row.direction),
})

/** The grids of an atlas: number of cells, samples, and samples in shown cells. */
export const listGrids = (
  db: Readable,
  atlas: number,
): { readonly grid: number; readonly cells: number; readonly samples: number; readonly shown: number }[] =>
  db.all(selectGrids, { atlas })

/** Samples of every cell of a grid, hidden ones too. */
export const countsOfCells = (db: Readable, atlas: number, grid: number): number[] =>
  db.all(selectCounts, { atlas, grid }).map(({ count }) => count)

/** A cell whose icon is missing or a draft. */
export interface PendingCell {
  readonly drafted: boolean
  readonly icon: string
  /** [channels] */
  readonly direction: Float32Array
  readonly grid: number
  readonly i: number
  readonly j: number
}

/** The cells left to invert, by grid, row and column. Two cells may share an icon. */
export const cellsWithoutIcon = (db: Readable, atlas: number): PendingCell[] =>
  db.all(selectPending, { atlas }).map(row => {
    if (row.direction === null) throw undirected(db, row)
    return { ...row, direction: asFloat32(row.direction), drafted: row.drafted === 1 }
  })
