import { fromJson, type Json, toJson } from './json.ts'
import type { AttributionKind } from './matrices.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A layer's samples with layout, grids, and icons of one preset. */
export interface AtlasRecord {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly set: number
  /** Tensor of the layer; identifies it when the layer is renamed. */
  readonly tensor: string
  /** Name of the layer. */
  readonly layer: string
  /** Id of the layout. */
  readonly layout: number
  /** Key of the classifier whose classes its cells are attributed to. */
  readonly classifier: string | null
  /** 1: written by an earlier version, which did not store the classifier. */
  readonly assumed: number
  readonly attribution: AttributionKind
  readonly whitening: Json
  readonly preset: Json
  /** Milliseconds since 1970. */
  readonly created: number
  /** When the last icon was finished; null before. */
  readonly finished: number | null
}

type AtlasRow = Omit<AtlasRecord, 'whitening' | 'preset'> & { readonly whitening: string; readonly preset: string }

const columns =
  'id, key, name, set_id AS "set", tensor, layer, layout, classifier, assumed, attribution, whitening, preset, created, finished'
const selectAll = query<None, AtlasRow>(`SELECT ${columns} FROM atlases WHERE scope IS NULL ORDER BY id`)
const selectByKey = query<{ key: string }, AtlasRow>(`SELECT ${columns} FROM atlases WHERE key = @key`)
const selectById = query<{ id: number }, AtlasRow>(`SELECT ${columns} FROM atlases WHERE id = @id`)
const insert = command<Omit<AtlasRow, 'id' | 'finished' | 'assumed'>>(`
  INSERT INTO atlases (key, name, set_id, tensor, layer, layout, classifier, attribution, whitening, preset, created)
  VALUES (@key, @name, @set, @tensor, @layer, @layout, @classifier, @attribution, @whitening, @preset, @created)
`)
const finish = command<{ id: number; now: number | null }>('UPDATE atlases SET finished = @now WHERE id = @id')
const adopt = command<{ id: number; key: string; classifier: string }>(`
  UPDATE atlases SET key = @key, classifier = @classifier, assumed = 0, finished = NULL WHERE id = @id
`)
const remove = command<{ id: number }>('DELETE FROM atlases WHERE id = @id')

const record = (row: AtlasRow): AtlasRecord => ({
  ...row,
  whitening: fromJson(row.whitening),
  preset: fromJson(row.preset),
})

/** Atlases of all samples of their layers; those of a subset are in class-atlases.ts. */
export const listAtlases = (db: Readable): AtlasRecord[] => db.all(selectAll, {}).map(record)

export const findAtlas = (db: Readable, key: string): AtlasRecord | undefined => {
  const row = db.one(selectByKey, { key })
  return row && record(row)
}

export const atlasWithId = (db: Readable, id: number): AtlasRecord | undefined => {
  const row = db.one(selectById, { id })
  return row && record(row)
}

export const addAtlas = (db: Writable, atlas: Omit<AtlasRecord, 'id' | 'finished' | 'assumed'>): AtlasRecord => {
  const id = db.insert(insert, { ...atlas, whitening: toJson(atlas.whitening), preset: toJson(atlas.preset) })
  return { ...atlas, id, finished: null, assumed: 0 }
}

/** Stores the key and classifier that an atlas of an earlier version lacks. Its cells have to be computed again. */
export const adoptAtlas = (db: Writable, id: number, as: { readonly key: string; readonly classifier: string }): void =>
  void db.run(adopt, { id, ...as })

/** @param now when the last icon was finished; null when new cells lack icons */
export const finishAtlas = (db: Writable, id: number, now: number | null): void => void db.run(finish, { id, now })

/** Removes the atlas and its cells. Icons stay: others may share them (`removeUnusedIcons`). */
export const removeAtlas = (db: Writable, id: number): void => void db.run(remove, { id })
