import { asFloat32, asUint32, bytesOf } from './bytes.ts'
import { contradictory } from './failures.ts'
import { type Json, toJson } from './json.ts'
import type { LayoutRecord } from './layouts.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** Layouts of a subset of a set's samples. Code for all layouts is in layouts.ts. */

const selectPart = query<{ id: number }, { xy: Uint8Array; samples: Uint8Array | null; of: number }>(`
  SELECT xy, samples, sample_sets.n AS "of" FROM layouts JOIN sample_sets ON sample_sets.id = set_id WHERE layouts.id = @id
`)
const insert = command<
  Omit<LayoutRecord, 'id' | 'params' | 'notes'> & {
    readonly params: string
    readonly notes: string
    readonly xy: Uint8Array
    readonly samples: Uint8Array
  }
>(`
  INSERT INTO layouts (key, set_id, tensor, layer, name, params, seed, n, trustworthiness, notes, xy, samples)
  VALUES (@key, @set, @tensor, @layer, @name, @params, @seed, @n, @trustworthiness, @notes, @xy, @samples)
`)
const update = command<{ id: number; trustworthiness: number | null; notes: string; xy: Uint8Array }>(`
  UPDATE layouts SET xy = @xy, trustworthiness = @trustworthiness, notes = @notes WHERE id = @id
`)
const removeUnused = command<{ id: number }>(`
  DELETE FROM layouts WHERE id = @id AND samples IS NOT NULL AND NOT EXISTS (SELECT 1 FROM atlases WHERE layout = @id)
`)

/** Samples of the set with their positions. */
interface SubsetPositions {
  /** Indices in the set, rising. */
  readonly samples: Uint32Array
  /** [samples, 2] */
  readonly xy: Float32Array
}

/** @returns undefined for a layout of all samples of its set */
export const subsetPositions = (db: Readable, id: number): SubsetPositions | undefined => {
  const row = db.one(selectPart, { id })
  if (row === undefined) throw contradictory(db.file, `there is no layout ${id}`)
  if (row.samples === null) return undefined
  const samples = asUint32(row.samples)
  for (let at = 0; at < samples.length; at++)
    if (samples[at]! >= row.of || (at > 0 && samples[at]! <= samples[at - 1]!))
      throw contradictory(db.file, `layout ${id} names sample ${samples[at]} of ${row.of}, or one of them twice`)
  return { samples, xy: asFloat32(row.xy) }
}

/** @returns the layout's id */
export const addPartLayout = (
  db: Writable,
  layout: Omit<LayoutRecord, 'id' | 'n'>,
  { samples, xy }: SubsetPositions,
): number => {
  const n = samples.length
  if (xy.length !== 2 * n) throw new Error(`${xy.length} coordinates for ${n} samples`)
  for (let at = 1; at < n; at++)
    if (samples[at]! <= samples[at - 1]!) throw new Error(`sample ${samples[at]} comes after ${samples[at - 1]}`)
  return db.insert(insert, {
    ...layout,
    n,
    params: toJson(layout.params),
    notes: toJson(layout.notes),
    xy: bytesOf(xy),
    samples: bytesOf(samples),
  })
}

/** Replaces the first, quick layout of the same samples. */
export const refineLayout = (
  db: Writable,
  id: number,
  refined: { readonly xy: Float32Array; readonly trustworthiness: number | null; readonly notes: Json },
): void => {
  const { xy, trustworthiness, notes } = refined
  db.run(update, { id, xy: bytesOf(xy), trustworthiness, notes: toJson(notes) })
}

/** Removes a layout of a subset of the samples that no atlas uses any more. */
export const removeUnusedPart = (db: Writable, id: number): void => void db.run(removeUnused, { id })
