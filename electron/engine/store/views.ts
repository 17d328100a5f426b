import { query, type Readable } from './sql.ts'

/** Frequent queries of the window: rows of cells and icons without unused blobs. */
type Grid = { readonly atlas: number; readonly grid: number }

/** A shown cell with its icon; `state` is 0 without one, 1 for a draft, 2 for a finished one. */
export interface ShownCellRow {
  readonly i: number
  readonly j: number
  readonly count: number
  readonly x: number
  readonly y: number
  readonly label: number | null
  readonly share: number | null
  readonly icon: string
  readonly state: 0 | 1 | 2
  readonly fidelity: number | null
}

/** SQL: the state of a row of `icons`, which a LEFT JOIN may lack (`ShownCellRow`). */
export const iconState = `iif(icons.key IS NULL, 0, iif(json_extract(icons.preset, '$.draft') = 1, 1, 2))`

const selectShown = query<Grid, ShownCellRow>(`
  SELECT i, j, count, x, y, label, share, icon, ${iconState} AS state, fidelity
  FROM cells LEFT JOIN icons ON icons.key = cells.icon
  WHERE atlas = @atlas AND grid = @grid AND icon IS NOT NULL ORDER BY i, j
`)
const countShown = query<Grid, { shown: number }>(
  'SELECT count(icon) AS shown FROM cells WHERE atlas = @atlas AND grid = @grid',
)
const selectTile = query<Grid & { top: number; left: number; edge: number }, TileIcon>(`
  SELECT i, j, key, webp, preset FROM cells JOIN icons ON icons.key = cells.icon
  WHERE atlas = @atlas AND grid = @grid AND i >= @top AND i < @top + @edge AND j >= @left AND j < @left + @edge
    AND webp IS NOT NULL
`)
const selectTops = query<Grid, { top: string | null }>(`
  SELECT top FROM cells WHERE atlas = @atlas AND grid = @grid AND icon IS NOT NULL ORDER BY i, j
`)
const selectCell = query<Grid & { i: number; j: number }, CellRow>(`
  SELECT count, x, y, label, share, top, direction, icon FROM cells
  WHERE atlas = @atlas AND grid = @grid AND i = @i AND j = @j
`)

export interface TileIcon {
  readonly i: number
  readonly j: number
  readonly key: string
  readonly webp: Uint8Array
  /** JSON of the inversion's parameters. */
  readonly preset: string
}

/** One cell as it is stored: `direction` float32 [channels], `top` JSON. */
export interface CellRow {
  readonly count: number
  readonly x: number
  readonly y: number
  readonly label: number | null
  readonly share: number | null
  readonly top: string | null
  readonly direction: Uint8Array | null
  readonly icon: string | null
}

/** In row-major order. */
export const shownCellRows = (db: Readable, atlas: number, grid: number): ShownCellRow[] =>
  db.all(selectShown, { atlas, grid })

/** How many rows `shownCellRows` has: counted in an index, a hundredth of the time of reading 100,000. */
export const shownCellCount = (db: Readable, atlas: number, grid: number): number =>
  db.one(countShown, { atlas, grid })!.shown

/** JSON of the strongest classes of the shown cells, in row-major order; null where they were not computed. */
export const shownTops = (db: Readable, atlas: number, grid: number): (string | null)[] =>
  db.all(selectTops, { atlas, grid }).map(({ top }) => top)

/** The icons of a square of cells, from row `top` and column `left`. */
export const tileIcons = (
  db: Readable,
  place: Grid & { readonly top: number; readonly left: number; readonly edge: number },
): TileIcon[] => db.all(selectTile, place)

export const cellRow = (db: Readable, place: Grid & { readonly i: number; readonly j: number }): CellRow | undefined =>
  db.one(selectCell, place)
