import type { AtlasRecord } from './atlases.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'
import { removeUnusedPart } from './subset-layouts.ts'

/** An atlas of a subset of a layer's samples: of one class, or of two compared. */
export interface ClassAtlasRecord extends AtlasRecord {
  /** Key of the request; unique. */
  readonly plan: string
  /** The full atlas that it is a subset of, while it exists. */
  readonly base: number | null
  readonly scope: Json
}

type Row = Omit<ClassAtlasRecord, 'whitening' | 'preset' | 'scope'> & {
  readonly whitening: string
  readonly preset: string
  readonly scope: string
}

const columns = `id, key, name, set_id AS "set", tensor, layer, layout, classifier, assumed, attribution, whitening, preset, created, finished,
  plan, base, scope`
const selectAll = query<None, Row>(`SELECT ${columns} FROM atlases WHERE scope IS NOT NULL ORDER BY id DESC`)
const selectById = query<{ id: number }, Row>(`SELECT ${columns} FROM atlases WHERE id = @id AND scope IS NOT NULL`)
const selectByPlan = query<{ plan: string }, Row>(`SELECT ${columns} FROM atlases WHERE plan = @plan`)
const insert = command<Omit<Row, 'id' | 'finished' | 'assumed'>>(`
  INSERT INTO atlases
    (key, name, set_id, tensor, layer, layout, classifier, attribution, whitening, preset, created, plan, base, scope)
  VALUES
    (@key, @name, @set, @tensor, @layer, @layout, @classifier, @attribution, @whitening, @preset, @created, @plan,
     @base, @scope)
`)
const updateMinimum = command<{ id: number; minSamples: number }>(`
  UPDATE atlases SET preset = json_set(preset, '$.minSamples', @minSamples) WHERE id = @id
`)
const remove = command<{ id: number }>('DELETE FROM atlases WHERE id = @id')

const record = (row: Row): ClassAtlasRecord => ({
  ...row,
  whitening: fromJson(row.whitening),
  preset: fromJson(row.preset),
  scope: fromJson(row.scope),
})

/** The latest first. */
export const listClassAtlases = (db: Readable): ClassAtlasRecord[] => db.all(selectAll, {}).map(record)

export const classAtlas = (db: Readable, id: number): ClassAtlasRecord | undefined => {
  const row = db.one(selectById, { id })
  return row && record(row)
}

export const classAtlasOfPlan = (db: Readable, plan: string): ClassAtlasRecord | undefined => {
  const row = db.one(selectByPlan, { plan })
  return row && record(row)
}

export const addClassAtlasAtlas = (
  db: Writable,
  atlas: Omit<ClassAtlasRecord, 'id' | 'finished' | 'assumed'>,
): ClassAtlasRecord => {
  const { whitening, preset, scope } = atlas
  const texts = { whitening: toJson(whitening), preset: toJson(preset), scope: toJson(scope) }
  const id = db.insert(insert, { ...atlas, ...texts })
  return { ...atlas, id, finished: null, assumed: 0 }
}

/** Stores the minimum number of samples that the cells of an atlas were made with. */
export const setMinSamples = (db: Writable, id: number, minSamples: number): void =>
  void db.run(updateMinimum, { id, minSamples })

/** Removes the atlas with its cells, and its layout unless another atlas uses it. Icons stay. */
export const removeClassAtlas = (db: Writable, { id, layout }: ClassAtlasRecord): void =>
  db.write(() => {
    db.run(remove, { id })
    removeUnusedPart(db, layout)
  })
