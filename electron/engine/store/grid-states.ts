import { type None, query, type Readable } from './sql.ts'
import { iconState } from './views.ts'

/** The progress of a grid. Its revision increases with every draft or finished icon. */
export interface GridState {
  readonly atlas: number
  readonly grid: number
  readonly cells: number
  readonly shown: number
  readonly samples: number
  readonly samplesShown: number
  readonly finished: number
  readonly revision: number
}

type Atlas = { readonly id: number; readonly key: string; readonly finished: number | null; readonly whole: number }

const selectAtlases = query<None, Atlas>('SELECT id, key, finished, scope IS NULL AS whole FROM atlases ORDER BY id')
/** One step from grid to grid each: their cells are not read. */
const selectGrids = query<{ readonly atlas: number }, { grid: number }>(`
  WITH RECURSIVE grids (grid) AS (
    SELECT min(grid) FROM cells WHERE atlas = @atlas
    UNION ALL
    SELECT (SELECT min(cells.grid) FROM cells WHERE atlas = @atlas AND cells.grid > grids.grid) FROM grids WHERE grid IS NOT NULL
  )
  SELECT grid FROM grids WHERE grid IS NOT NULL
`)

const columns = `atlas, grid, count(*) AS cells, count(icon) AS shown, sum(count) AS samples,
    sum(iif(icon IS NULL, 0, count)) AS samplesShown, count(iif(state = 2, 1, NULL)) AS finished, coalesce(sum(state), 0) AS revision`
/** The state of each icon is computed once, and of cells only their index is read. */
const selectAll = query<None, GridState>(`
  WITH states AS MATERIALIZED (SELECT key, ${iconState} AS state FROM icons)
  SELECT ${columns} FROM cells LEFT JOIN states ON states.key = icon GROUP BY atlas, grid ORDER BY atlas, grid
`)
/** Of one atlas only its own icons are looked up. */
const selectOfAtlas = query<{ readonly atlas: number }, GridState>(`
  SELECT ${columns} FROM (
    SELECT atlas, grid, count, icon, iif(icon IS NULL, NULL, ${iconState}) AS state
    FROM cells LEFT JOIN icons ON icons.key = cells.icon WHERE atlas = @atlas
  ) GROUP BY grid ORDER BY grid
`)

/** What an atlas was when all of its icons were there. */
interface Complete {
  readonly key: string
  readonly finished: number
  readonly grids: readonly GridState[]
}

/** By connection and atlas. */
const complete = new WeakMap<Readable, Map<number, Complete>>()

/**
 * Every grid of every atlas. This is asked for several times a second while jobs run, and a project of a million samples has
 * hundreds of thousands of cells: an atlas of all samples whose icons are all there does not change any more, unless it gets
 * another key, a further grid, or is finished again. Its cells are then not counted another time.
 */
export const gridStates = (db: Readable): GridState[] =>
  db.snapshot(() => {
    const known = complete.get(db)
    const now = new Map<number, Complete>()
    complete.set(db, now)
    const atlases = db.all(selectAtlases, {})
    const all = known === undefined ? Map.groupBy(db.all(selectAll, {}), ({ atlas }) => atlas) : undefined
    return atlases.flatMap(atlas => {
      const before = known?.get(atlas.id)
      const grids =
        before !== undefined && isSame(db, atlas, before)
          ? before.grids
          : all === undefined
            ? gridStatesOf(db, atlas.id)
            : (all.get(atlas.id) ?? [])
      const { id, key, finished, whole } = atlas
      if (whole === 1 && finished !== null && grids.every(grid => grid.finished === grid.shown))
        now.set(id, { key, finished, grids })
      return grids
    })
  })

/** Every grid of one atlas. */
export const gridStatesOf = (db: Readable, atlas: number): GridState[] => db.all(selectOfAtlas, { atlas })

const isSame = (db: Readable, { id, key, finished }: Atlas, before: Complete): boolean => {
  if (before.key !== key || before.finished !== finished) return false
  const grids = db.all(selectGrids, { atlas: id })
  return grids.length === before.grids.length && grids.every(({ grid }, k) => grid === before.grids[k]!.grid)
}
