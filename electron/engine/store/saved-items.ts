import { fromJson, type Json, toJson } from './json.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** Items that the window stores in the project, by kind and name. */
export type SavedItemKind = 'note' | 'bookmark' | 'view'
export interface SavedItem {
  readonly name: string
  readonly value: Json
  /** Milliseconds since 1970. */
  readonly updated: number
}

type Place = { readonly kind: SavedItemKind; readonly name: string }
type Row = { readonly name: string; readonly value: string; readonly updated: number }

const selectKind = query<{ kind: SavedItemKind }, Row>(`
  SELECT name, value, updated FROM saved_items WHERE kind = @kind ORDER BY name
`)
const upsert = command<Place & { readonly value: string; readonly now: number }>(`
  INSERT OR REPLACE INTO saved_items (kind, name, value, updated) VALUES (@kind, @name, @value, @now)
`)
const remove = command<Place>('DELETE FROM saved_items WHERE kind = @kind AND name = @name')

export const listSavedItems = (db: Readable, kind: SavedItemKind): SavedItem[] =>
  db.all(selectKind, { kind }).map(row => ({ ...row, value: fromJson(row.value) }))

export const putSavedItem = (db: Writable, kind: SavedItemKind, name: string, value: Json, now: number): void =>
  void db.run(upsert, { kind, name, value: toJson(value), now })

export const removeSavedItem = (db: Writable, kind: SavedItemKind, name: string): void =>
  void db.run(remove, { kind, name })
