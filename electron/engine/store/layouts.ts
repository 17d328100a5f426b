import { z } from 'zod'
import { LayoutQuality } from '../../contract/layout.ts'
import { asFloat32, bytesOf } from './bytes.ts'
import { contradictory } from './failures.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { contentKey } from './keys.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** The layout of the samples of a set at a layer. Its coordinates are read separately: `layoutPositions`. */
export interface LayoutRecord {
  readonly id: number
  readonly key: string
  readonly set: number
  /** Tensor of the layer; identifies it when the layer is renamed. */
  readonly tensor: string
  /** Name of the layer. */
  readonly layer: string
  /** Unique among the layouts of this set and layer. */
  readonly name: string
  readonly params: Json
  readonly seed: number
  readonly n: number
  readonly trustworthiness: number | null
  readonly notes: Json
}

type LayoutRow = Omit<LayoutRecord, 'params' | 'notes'> & { readonly params: string; readonly notes: string }

const columns = 'id, key, set_id AS "set", tensor, layer, name, params, seed, n, trustworthiness, notes'
const selectOfSet = query<{ set: number }, LayoutRow>(`
  SELECT ${columns} FROM layouts WHERE set_id = @set ORDER BY id
`)
const selectByKey = query<{ key: string }, LayoutRow>(`SELECT ${columns} FROM layouts WHERE key = @key`)
const selectById = query<{ id: number }, LayoutRow>(`SELECT ${columns} FROM layouts WHERE id = @id`)
const selectByName = query<{ set: number; tensor: string; name: string }, LayoutRow>(`
  SELECT ${columns} FROM layouts WHERE set_id = @set AND tensor = @tensor AND name = @name
`)
const selectXy = query<{ id: number }, { xy: Uint8Array }>('SELECT xy FROM layouts WHERE id = @id')
const insert = command<Omit<LayoutRow, 'id'> & { readonly xy: Uint8Array }>(`
  INSERT INTO layouts (key, set_id, tensor, layer, name, params, seed, n, trustworthiness, notes, xy)
  VALUES (@key, @set, @tensor, @layer, @name, @params, @seed, @n, @trustworthiness, @notes, @xy)
`)

const record = (row: LayoutRow): LayoutRecord => ({ ...row, params: fromJson(row.params), notes: fromJson(row.notes) })

export const listLayouts = (db: Readable, set: number): LayoutRecord[] => db.all(selectOfSet, { set }).map(record)

export const findLayout = (db: Readable, key: string): LayoutRecord | undefined => {
  const row = db.one(selectByKey, { key })
  return row && record(row)
}

export const layoutWithId = (db: Readable, id: number): LayoutRecord | undefined => {
  const row = db.one(selectById, { id })
  return row && record(row)
}

export const findLayoutByName = (db: Readable, set: number, tensor: string, name: string): LayoutRecord | undefined => {
  const row = db.one(selectByName, { set, tensor, name })
  return row && record(row)
}

/** In the notes of a layout. An earlier version noted the trustworthiness alone, without its error. */
const QualityNotes = z.object({
  quality: LayoutQuality.nullish(),
  trustworthinessOf: z
    .object({ value: z.number(), k: z.int().min(1), checked: z.int().min(1), of: z.int().min(1) })
    .nullish(),
})

/** The quality of a layout for its notes. */
export const qualityNote = (quality: LayoutQuality | undefined): Json =>
  quality === undefined ? null : z.json().parse(quality)

/** How far a layout keeps neighbourhoods; null where that was not measured. */
export const qualityOf = ({ notes }: Pick<LayoutRecord, 'notes'>): LayoutQuality | null => {
  const { data } = QualityNotes.safeParse(notes)
  if (data?.quality) return data.quality
  if (!data?.trustworthinessOf) return null
  const { value, ...counts } = data.trustworthinessOf
  const all = counts.checked === counts.of
  return { trustworthiness: { value, standardError: all ? 0 : null }, preservation: null, ...counts }
}

const DisplacementNotes = z.object({ displacement: z.object({ to: z.string(), median: z.number() }).nullish() })

/** Of an aligned layout: the median distance of its samples to their positions at the next layer; null of any other. */
export const displacementOf = ({ notes }: Pick<LayoutRecord, 'notes'>): number | null =>
  DisplacementNotes.safeParse(notes).data?.displacement?.median ?? null

/** Key of the layers that were laid out together; null of a layout of one layer alone. */
export const alignmentOf = ({ set, params, seed }: Pick<LayoutRecord, 'set' | 'params' | 'seed'>): string | null =>
  Array.isArray((params as { readonly aligned?: Json } | null)?.aligned)
    ? contentKey({ set, params: toJson(params), seed })
    : null

/** @returns [n, 2]: x and y of every sample */
export const layoutPositions = (db: Readable, id: number): Float32Array => {
  const row = db.one(selectXy, { id })
  if (row === undefined) throw contradictory(db.file, `there is no layout ${id}`)
  return asFloat32(row.xy)
}

/** @param xy [n, 2] @returns the layout's id */
export const addLayout = (db: Writable, layout: Omit<LayoutRecord, 'id'>, xy: Float32Array): number => {
  if (xy.length !== 2 * layout.n) throw new Error(`${xy.length} coordinates for ${layout.n} samples`)
  return db.insert(insert, {
    ...layout,
    params: toJson(layout.params),
    notes: toJson(layout.notes),
    xy: bytesOf(xy),
  })
}
