import { asFloat64, bytesOf } from './bytes.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** Second moments of a layer's activations over the samples of a set. */
export interface Moment {
  /** Samples that it was taken over. */
  readonly n: number
  readonly channels: number
  /** [channels, channels]: the sum of a·aᵀ over the samples. */
  readonly values: Float64Array
  /** The sum of ‖a‖⁴. */
  readonly fourth: number
}

type Place = { readonly set: number; readonly layer: string }
type Row = { readonly n: number; readonly channels: number; readonly data: Uint8Array; readonly fourth: number }
const select = query<Place, Row>(`
  SELECT n, channels, data, fourth FROM moments WHERE set_id = @set AND layer = @layer
`)
const upsert = command<Place & Row>(`
  INSERT INTO moments (set_id, layer, n, channels, data, fourth)
  VALUES (@set, @layer, @n, @channels, @data, @fourth)
  ON CONFLICT (set_id, layer) DO UPDATE SET n = @n, channels = @channels, data = @data, fourth = @fourth
`)

export const findMoment = (db: Readable, set: number, layer: string): Moment | undefined => {
  const row = db.one(select, { set, layer })
  return row && { n: row.n, channels: row.channels, values: asFloat64(row.data), fourth: row.fourth }
}

export const putMoment = (db: Writable, set: number, layer: string, moment: Moment): void => {
  const { n, channels, values, fourth } = moment
  if (values.length !== channels ** 2) throw new Error(`${values.length} values for ${channels} channels`)
  db.run(upsert, { set, layer, n, channels, data: bytesOf(values), fourth })
}
