import { fromJson, type Json, toJson } from './json.ts'
import type { AttributionKind } from './matrices.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A layer's samples, laid out and gridded, with icons in one preset. */
export interface AtlasRecord {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly set: number
  /** Of the layer: what the atlas is kept by. */
  readonly tensor: string
  /** What the layer is called. */
  readonly layer: string
  /** Id of the layout. */
  readonly layout: number
  /** Key of the classifier whose classes its cells are attributed to. */
  readonly classifier: string | null
  /** 1: of an earlier version, which did not record the classifier. */
  readonly assumed: number
  readonly attribution: AttributionKind
  readonly whitening: Json
  readonly preset: Json
  /** Milliseconds since 1970. */
  readonly created: number
  /** When every icon was there; null before. */
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

/** Atlases of all samples of their layers; those of a part are in scoped-atlases.ts. */
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

/** An atlas of an earlier version is taken over as what it turned out to be. Its cells are to be computed again. */
export const adoptAtlas = (db: Writable, id: number, as: { readonly key: string; readonly classifier: string }): void =>
  void db.run(adopt, { id, ...as })

/** @param now when its last icon came; null when it has got new cells, without icons as yet */
export const finishAtlas = (db: Writable, id: number, now: number | null): void => void db.run(finish, { id, now })

/** Removes the atlas and its cells. Icons stay: others may share them (`removeUnusedIcons`). */
export const removeAtlas = (db: Writable, id: number): void => void db.run(remove, { id })
