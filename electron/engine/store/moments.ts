import { asFloat64, bytesOf } from './bytes.ts'
import { command, query, type Readable, type Writable } from './sql.ts'

/** Second moments of a layer's activations over the samples of a set. */
export interface Moment {
  /** Number of samples. */
  readonly n: number
  readonly channels: number
  /** [channels, channels]: the sum of a·aᵀ over the samples. */
  readonly values: Float64Array
  /** The sum of ‖a‖⁴. */
  readonly fourth: number
  /** [channels]: the sum of a; null in projects of versions that did not store it. */
  readonly sums: Float64Array | null
}

type Place = { readonly set: number; readonly tensor: string }
type Row = {
  readonly n: number
  readonly channels: number
  readonly data: Uint8Array
  readonly fourth: number
  readonly sums: Uint8Array | null
}
const select = query<Place, Row>(`
  SELECT n, channels, data, fourth, sums FROM moments WHERE set_id = @set AND tensor = @tensor
`)
const upsert = command<Place & Row>(`
  INSERT INTO moments (set_id, tensor, n, channels, data, fourth, sums)
  VALUES (@set, @tensor, @n, @channels, @data, @fourth, @sums)
  ON CONFLICT (set_id, tensor) DO UPDATE
  SET n = @n, channels = @channels, data = @data, fourth = @fourth, sums = @sums
`)

export const findMoment = (db: Readable, set: number, tensor: string): Moment | undefined => {
  const row = db.one(select, { set, tensor })
  if (row === undefined) return undefined
  const { n, channels, data, fourth, sums } = row
  return { n, channels, values: asFloat64(data), fourth, sums: sums && asFloat64(sums) }
}

export const putMoment = (db: Writable, set: number, tensor: string, moment: Moment): void => {
  const { n, channels, values, fourth, sums } = moment
  if (values.length !== channels ** 2) throw new Error(`${values.length} values for ${channels} channels`)
  db.run(upsert, { set, tensor, n, channels, data: bytesOf(values), fourth, sums: sums && bytesOf(sums) })
}
