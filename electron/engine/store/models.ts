import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

/** A network of the project, as it was described last. */
export interface ModelRecord {
  /** Identity of the network: of its graph and all of its weights. */
  readonly hash: string
  readonly name: string
  /** Its latest path: absolute, unless an earlier version stored it as typed. */
  readonly file: string
  /** The same path relative to the project's folder; null where none exists. */
  readonly beside: string | null
  readonly sidecar: Json
  readonly layers: Json
  /** Key of the classifier that it was last described as. */
  readonly classifier: string
  /** When it was last described. Milliseconds since 1970. */
  readonly seen: number
}

interface ModelRow extends Omit<ModelRecord, 'sidecar' | 'layers'> {
  readonly sidecar: string
  readonly layers: string
}

const columns = 'hash, name, file, beside, sidecar, layers, classifier, seen'
const selectAll = query<None, ModelRow>(`SELECT ${columns} FROM models ORDER BY name, hash`)
const selectOne = query<{ hash: string }, ModelRow>(`SELECT ${columns} FROM models WHERE hash = @hash`)
const upsert = command<ModelRow>(`
  INSERT INTO models (hash, name, file, beside, sidecar, layers, classifier, seen)
  VALUES (@hash, @name, @file, @beside, @sidecar, @layers, @classifier, @seen)
  ON CONFLICT (hash) DO UPDATE SET name = @name, file = @file, beside = @beside, sidecar = @sidecar, layers = @layers,
    classifier = @classifier, seen = @seen
`)
const move = command<{ hash: string; file: string; beside: string | null }>(`
  UPDATE models SET file = @file, beside = @beside WHERE hash = @hash
`)
/** Another network that was loaded later from the same file. */
const selectSuccessor = query<{ hash: string }, { hash: string }>(`
  SELECT other.hash FROM models JOIN models AS other ON other.file = models.file AND other.hash <> models.hash
  WHERE models.hash = @hash AND other.seen > models.seen ORDER BY other.seen DESC LIMIT 1
`)

type Named = { model: string; tensor: string; name: string }
const ofModel = 'set_id IN (SELECT id FROM sample_sets WHERE model = @model) AND tensor = @tensor AND layer <> @name'
/** The names of atlases contain that of their layer: before the preset, or after the classes. */
const nameAtlases = command<Named>(`
  UPDATE atlases SET layer = @name, name = CASE
    WHEN scope IS NULL AND substr(name, 1, length(layer) + 2) = layer || ', ' THEN @name || substr(name, length(layer) + 1)
    WHEN scope IS NOT NULL AND substr(name, -length(layer) - 2) = ', ' || layer
      THEN substr(name, 1, length(name) - length(layer)) || @name
    ELSE name END
  WHERE ${ofModel}
`)
const nameLayouts = command<Named>(`UPDATE layouts SET layer = @name WHERE ${ofModel}`)
const nameMatrices = command<Named>(`UPDATE matrices SET layer = @name WHERE ${ofModel}`)

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

/** The network that has since replaced another in its file; undefined if none. */
export const successorOf = (db: Readable, hash: string): string | undefined => db.one(selectSuccessor, { hash })?.hash

/** Adds the model, or updates its path and description. */
export const putModel = (db: Writable, model: ModelRecord): void =>
  void db.run(upsert, { ...model, sidecar: toJson(model.sidecar), layers: toJson(model.layers) })

/** Updates the path of a model that was moved. */
export const moveModel = (db: Writable, hash: string, at: { readonly file: string; readonly beside: string | null }) =>
  void db.run(move, { hash, ...at })

/** A layer that lost its name to another layer is named after its tensor. */
const UNNAMED = `set_id IN (SELECT id FROM sample_sets WHERE model = @model)
  AND tensor NOT IN (SELECT json_extract(value, '$.tensor') FROM json_each(@layers))
  AND layer IN (SELECT json_extract(value, '$.name') FROM json_each(@layers))`
const unname = (['atlases', 'layouts', 'matrices'] as const).map(table =>
  command<{ model: string; layers: string }>(
    `UPDATE ${table} SET layer = tensor${table === 'atlases' ? ', name = replace(name, layer, tensor)' : ''} WHERE ${UNNAMED}`,
  ),
)

/**
 * Updates the names of layers in all results of their tensors.
 * @param layers of the model, each with its first name
 */
export const renameLayers = (
  db: Writable,
  model: string,
  layers: readonly { readonly name: string; readonly tensor: string }[],
): void => {
  for (const step of unname)
    db.run(step, { model, layers: toJson(layers.map(({ name, tensor }) => ({ name, tensor }))) })
  for (const { name, tensor } of layers)
    for (const rename of [nameAtlases, nameLayouts, nameMatrices]) db.run(rename, { model, tensor, name })
}
