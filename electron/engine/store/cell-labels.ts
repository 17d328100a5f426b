import type { StoredLabels } from '../../contract/cell-labels.ts'
import { toJson } from './json.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

type Grid = { readonly atlas: number; readonly grid: number }

const select = query<Grid, { key: string; labels: string }>(`
  SELECT key, labels FROM cell_labels WHERE atlas = @atlas AND grid = @grid
`)
const upsert = command<Grid & { key: string; labels: string }>(`
  INSERT OR REPLACE INTO cell_labels (atlas, grid, key, labels) VALUES (@atlas, @grid, @key, @labels)
`)
const remove = command<Grid>('DELETE FROM cell_labels WHERE atlas = @atlas AND grid = @grid')

/** The labels of a grid's shown cells as JSON (`StoredLabels`), if they were computed from what the key names. */
export const findCellLabels = (db: Readable, atlas: number, grid: number, key: string): string | undefined => {
  const row = db.one(select, { atlas, grid })
  return row?.key === key ? row.labels : undefined
}

export const putCellLabels = (db: Writable, atlas: number, grid: number, key: string, labels: StoredLabels): void =>
  void db.run(upsert, { atlas, grid, key, labels: toJson(labels) })

export const removeCellLabels = (db: Writable, atlas: number, grid: number): void =>
  void db.run(remove, { atlas, grid })
