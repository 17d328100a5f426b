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
  /** Photographs of the samples, and Σ ‖Σ a·aᵀ‖² over them; null in projects of versions that did not store them. */
  readonly photographs: number | null
  readonly squares: number | null
}

type Place = { readonly set: number; readonly tensor: string }
type Row = {
  readonly n: number
  readonly channels: number
  readonly data: Uint8Array
  readonly fourth: number
  readonly sums: Uint8Array | null
  readonly photographs: number | null
  readonly squares: number | null
}
const select = query<Place, Row>(`
  SELECT n, channels, data, fourth, sums, photographs, squares FROM moments WHERE set_id = @set AND tensor = @tensor
`)
const upsert = command<Place & Row>(`
  INSERT INTO moments (set_id, tensor, n, channels, data, fourth, sums, photographs, squares)
  VALUES (@set, @tensor, @n, @channels, @data, @fourth, @sums, @photographs, @squares)
  ON CONFLICT (set_id, tensor) DO UPDATE
  SET n = @n, channels = @channels, data = @data, fourth = @fourth, sums = @sums, photographs = @photographs,
    squares = @squares
`)

export const findMoment = (db: Readable, set: number, tensor: string): Moment | undefined => {
  const row = db.one(select, { set, tensor })
  if (row === undefined) return undefined
  const { data, sums, ...moment } = row
  return { ...moment, values: asFloat64(data), sums: sums && asFloat64(sums) }
}

export const putMoment = (db: Writable, set: number, tensor: string, moment: Moment): void => {
  const { n, channels, values, fourth, sums, photographs, squares } = moment
  if (values.length !== channels ** 2) throw new Error(`${values.length} values for ${channels} channels`)
  const blobs = { data: bytesOf(values), sums: sums && bytesOf(sums) }
  db.run(upsert, { set, tensor, n, channels, fourth, photographs, squares, ...blobs })
}
