import { asFloat64, bytesOf } from './bytes.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** Second moments of a layer's activations over the samples of a set. */
export interface Moment {
  /** Samples that it was taken over. */
  readonly n: number
  readonly channels: number
  /** [channels, channels] */
  readonly values: Float64Array
}

type Place = { readonly set: number; readonly layer: string }
const select = query<Place, { n: number; channels: number; data: Uint8Array }>(`
  SELECT n, channels, data FROM moments WHERE set_id = @set AND layer = @layer
`)
const upsert = command<Place & { n: number; channels: number; data: Uint8Array }>(`
  INSERT INTO moments (set_id, layer, n, channels, data) VALUES (@set, @layer, @n, @channels, @data)
  ON CONFLICT (set_id, layer) DO UPDATE SET n = @n, channels = @channels, data = @data
`)

export const findMoment = (db: Readable, set: number, layer: string): Moment | undefined => {
  const row = db.one(select, { set, layer })
  return row && { n: row.n, channels: row.channels, values: asFloat64(row.data) }
}

export const putMoment = (db: Writable, set: number, layer: string, moment: Moment): void => {
  const { n, channels, values } = moment
  if (values.length !== channels ** 2) throw new Error(`${values.length} values for ${channels} channels`)
  db.run(upsert, { set, layer, n, channels, data: bytesOf(values) })
}
