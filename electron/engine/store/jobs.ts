import { z } from 'zod'
import { type JobLogLine, type JobRecord, JobState, type LogLevel, StageOutcome } from '../../contract/jobs.ts'
import { fromJson, type Json, stored, toJson } from './json.ts'
import { command, type None, query, type Readable, type Writable } from './sql.ts'

interface JobRow {
  readonly id: number
  readonly kind: string
  readonly key: string
  readonly params: string
  readonly state: string
  readonly stage: string | null
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly stages: string
  readonly queued: number
  readonly started: number | null
  readonly updated: number
  readonly finished: number | null
  readonly error: string | null
  readonly cancelRequested: number | null
}

const columns = `id, kind, key, params, state, stage, done, total, unit, stages, queued, started, updated, finished,
  error, cancel_requested AS cancelRequested`
const selectAll = query<None, JobRow>(`SELECT ${columns} FROM jobs ORDER BY id DESC`)
const selectOne = query<{ id: number }, JobRow>(`SELECT ${columns} FROM jobs WHERE id = @id`)
const selectUnfinished = query<None, JobRow>(`
  SELECT ${columns} FROM jobs WHERE state IN ('queued', 'running') ORDER BY id
`)
const selectCancel = query<{ id: number }, { requested: number | null }>(`
  SELECT cancel_requested AS requested FROM jobs WHERE id = @id
`)
const insert = command<{ kind: string; key: string; params: string; now: number }>(`
  INSERT INTO jobs (kind, key, params, state, queued, updated) VALUES (@kind, @key, @params, 'queued', @now, @now)
`)
const start = command<{ id: number; now: number }>(`
  UPDATE jobs SET state = 'running', started = @now, updated = @now WHERE id = @id
`)
const progress = command<{ id: number; stage: string; done: number; total: number; unit: string; now: number }>(`
  UPDATE jobs SET stage = @stage, done = @done, total = @total, unit = @unit, updated = @now WHERE id = @id
`)
const stages = command<{ id: number; stages: string; now: number }>(`
  UPDATE jobs SET stages = @stages, updated = @now WHERE id = @id
`)
const end = command<{ id: number; state: JobState; error: string | null; now: number }>(`
  UPDATE jobs SET state = @state, error = @error, finished = @now, updated = @now WHERE id = @id
`)
const interrupt = command<{ now: number }>(`
  UPDATE jobs SET state = 'interrupted', finished = updated, updated = @now WHERE state IN ('queued', 'running')
`)
/** Any process may request it: see openBriefly. */
export const setCancelRequested = command<{ id: number; now: number }>(`
  UPDATE jobs SET cancel_requested = @now WHERE id = @id AND state IN ('queued', 'running')
`)
const insertLog = command<{ job: number; time: number; level: LogLevel; text: string }>(`
  INSERT INTO job_log (job, time, level, text) VALUES (@job, @time, @level, @text)
`)
const selectLog = query<{ job: number }, JobLogLine>(
  'SELECT time, level, text FROM job_log WHERE job = @job ORDER BY id',
)

const record = (row: JobRow): JobRecord => ({
  ...row,
  state: JobState.parse(row.state),
  params: stored(z.json(), fromJson(row.params), `the parameters of job ${row.id}`),
  stages: stored(z.array(StageOutcome), fromJson(row.stages), `the stages of job ${row.id}`),
  cancelRequested: row.cancelRequested !== null,
})

/** All jobs, the latest first. */
export const listJobRecords = (db: Readable): JobRecord[] => db.all(selectAll, {}).map(record)

export const unfinishedJobs = (db: Readable): JobRecord[] => db.all(selectUnfinished, {}).map(record)

export const findJob = (db: Readable, id: number): JobRecord | undefined => {
  const row = db.one(selectOne, { id })
  return row && record(row)
}

export const cancelRequested = (db: Readable, id: number): boolean =>
  (db.one(selectCancel, { id })?.requested ?? null) !== null

/** @returns the new job's id */
export const queueJob = (db: Writable, kind: string, key: string, params: Json, now: number): number =>
  db.insert(insert, { kind, key, params: toJson(params), now })

export const startJob = (db: Writable, id: number, now: number): void => void db.run(start, { id, now })

export const storeProgress = (
  db: Writable,
  id: number,
  report: { readonly stage: string; readonly done: number; readonly total: number; readonly unit: string },
  now: number,
): void => {
  const { stage, done, total, unit } = report
  db.run(progress, { id, stage, done, total, unit, now })
}

export const storeStages = (db: Writable, id: number, outcomes: readonly StageOutcome[], now: number): void =>
  void db.run(stages, { id, stages: toJson(outcomes), now })

export const endJob = (
  db: Writable,
  id: number,
  state: 'done' | 'failed' | 'cancelled' | 'interrupted',
  error: string | null,
  now: number,
): void => void db.run(end, { id, state, error, now })

/** Called by a new writer: no other process can be running a job of this project. */
export const interruptUnfinished = (db: Writable, now: number): void => void db.run(interrupt, { now })

export const appendJobLog = (db: Writable, job: number, level: LogLevel, text: string, time: number): void =>
  void db.run(insertLog, { job, time, level, text })

export const jobLog = (db: Readable, job: number): JobLogLine[] => db.all(selectLog, { job })
