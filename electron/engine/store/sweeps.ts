import { asFloat64, bytesOf } from './bytes.ts'
import { fromJson, type Json, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

export interface SweepRecord {
  readonly id: number
  readonly plan: Json
  /** Key of the classifier; null where an earlier version did not store it. */
  readonly classifier: string | null
  readonly created: number
}

/** float64 [positions², 6]: winner, the probabilities of winner, source and target, the logits of source and target. */
interface SweepRow {
  /** Index in the plan's sizes; −1: the photograph without a patch. */
  readonly size: number
  readonly data: Float64Array
}

type Row = Omit<SweepRecord, 'plan'> & { readonly plan: string }

const selectAll = query<None, Row>('SELECT id, plan, classifier, created FROM sweeps ORDER BY id DESC')
const selectOne = query<{ id: number }, Row>('SELECT id, plan, classifier, created FROM sweeps WHERE id = @id')
const selectByKey = query<{ key: string }, Row>('SELECT id, plan, classifier, created FROM sweeps WHERE key = @key')
const insert = command<{ key: string; plan: string; classifier: string; now: number }>(`
  INSERT INTO sweeps (key, plan, classifier, created) VALUES (@key, @plan, @classifier, @now)
`)
const remove = command<{ id: number }>('DELETE FROM sweeps WHERE id = @id')
const selectRows = query<{ id: number }, { size: number; data: Uint8Array }>(`
  SELECT size, data FROM sweep_rows WHERE sweep = @id ORDER BY size
`)
const insertRow = command<{ sweep: number; size: number; data: Uint8Array }>(`
  INSERT INTO sweep_rows (sweep, size, data) VALUES (@sweep, @size, @data)
`)

const record = (row: Row): SweepRecord => ({ ...row, plan: fromJson(row.plan) })

/** Latest first. */
export const listSweeps = (db: Readable): SweepRecord[] => db.all(selectAll, {}).map(record)

export const findSweep = (db: Readable, id: number): SweepRecord | undefined => {
  const row = db.one(selectOne, { id })
  return row && record(row)
}

/** Finds the sweep of a key, or creates it. */
export const putSweep = (
  db: Writable,
  { key, plan, classifier, now }: { key: string; plan: Json; classifier: string; now: number },
): SweepRecord =>
  db.write(() => {
    const known = db.one(selectByKey, { key })
    return known ? record(known) : findSweep(db, db.insert(insert, { key, plan: toJson(plan), classifier, now }))!
  })

export const removeSweep = (db: Writable, id: number): void => void db.run(remove, { id })

/** The finished sizes, in their order. */
export const sweepRows = (db: Readable, id: number): SweepRow[] =>
  db.all(selectRows, { id }).map(({ size, data }) => ({ size, data: asFloat64(data) }))

export const appendSweepRow = (db: Writable, sweep: number, { size, data }: SweepRow): void =>
  void db.run(insertRow, { sweep, size, data: bytesOf(data) })
