import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A classifier that something in the project was computed with. */
export interface ModelRecord {
  /** SHA-256 of the model file. */
  readonly hash: string
  readonly name: string
  /** Where it was last seen. */
  readonly file: string
  readonly sidecar: Json
  readonly layers: Json
}

interface ModelRow {
  readonly hash: string
  readonly name: string
  readonly file: string
  readonly sidecar: string
  readonly layers: string
}

const selectAll = query<None, ModelRow>('SELECT hash, name, file, sidecar, layers FROM models ORDER BY name, hash')
const selectOne = query<{ hash: string }, ModelRow>(`
  SELECT hash, name, file, sidecar, layers FROM models WHERE hash = @hash
`)
const upsert = command<ModelRow>(`
  INSERT INTO models (hash, name, file, sidecar, layers) VALUES (@hash, @name, @file, @sidecar, @layers)
  ON CONFLICT (hash) DO UPDATE SET name = @name, file = @file, sidecar = @sidecar, layers = @layers
`)

const record = (row: ModelRow): ModelRecord => ({
  ...row,
  sidecar: fromJson(row.sidecar),
  layers: fromJson(row.layers),
})

export const listModels = (db: Readable): ModelRecord[] => db.all(selectAll, {}).map(record)

export const findModel = (db: Readable, hash: string): ModelRecord | undefined => {
  const row = db.one(selectOne, { hash })
  return row && record(row)
}

/** Adds the model, or updates where it lies and how it is described. */
export const putModel = (db: Writable, model: ModelRecord): void =>
  void db.run(upsert, { ...model, sidecar: toJson(model.sidecar), layers: toJson(model.layers) })
