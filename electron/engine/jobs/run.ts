import { reason, UserError } from '../../contract/errors.ts'
import type { JobId, JobProgress, StageOutcome } from '../../contract/jobs.ts'
import { appendJobLog, cancelRequested, endJob, queueJob, startJob } from '../store/jobs.ts'
import type { Json } from '../store/json.ts'
import { jobKey } from '../store/keys.ts'
import type { Writable } from '../store/sql.ts'
import type { Attention } from './attention.ts'
import { type JobContext, watch } from './context.ts'

/** The job was cancelled. Its committed results stay; running the same job again continues. */
export class JobCancelled extends UserError {
  readonly job: JobId

  constructor(kind: string, job: JobId) {
    super(`${kind} was cancelled: run the same command again to continue from the last batch`)
    this.job = job
  }
}

/** The process that ran the job was stopped. The job continues where it stopped when it is resumed. */
export class JobInterrupted extends UserError {
  constructor() {
    super('the project was closed while a job was running: resume the job to continue from the last batch')
  }
}

export interface JobOptions {
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal
  readonly report?: (progress: JobProgress) => void
  /** The visible cells while the job runs. */
  readonly attention?: Attention
}

export interface JobResult<Result> {
  readonly job: JobId
  readonly result: Result
  /** The stages in order: computed, continued or reused. */
  readonly stages: readonly StageOutcome[]
  readonly seconds: number
}

export type JobBody<Result> = (job: JobContext) => Promise<Result>

/** Interval in which the project is checked for a request to cancel, in milliseconds: a lookup of 10 µs. */
const POLL_INTERVAL = 250

/** Stores a job as queued. @returns its id */
export const enterJob = (db: Writable, kind: string, params: Json): JobId =>
  queueJob(db, kind, jobKey(kind, params), params, Date.now())

/**
 * Runs long work as a job of the project: every reader sees its stages, progress and end, and any process can cancel it.
 * If it is killed, the next writer marks it as interrupted; run again with the same kind and parameters it continues,
 * because its stages find stored results by content key.
 * @throws JobCancelled when it was cancelled; otherwise the error of the body
 */
export const runJob = <Result>(
  db: Writable,
  kind: string,
  params: Json,
  body: JobBody<Result>,
  options: JobOptions = {},
): Promise<JobResult<Result>> => runEntered(db, enterJob(db, kind, params), kind, body, options)

/** Runs a job that `enterJob` has stored. */
export const runEntered = async <Result>(
  db: Writable,
  id: JobId,
  kind: string,
  body: JobBody<Result>,
  options: JobOptions = {},
): Promise<JobResult<Result>> => {
  const start = performance.now()
  const cancel = new AbortController()
  const signal = options.signal === undefined ? cancel.signal : AbortSignal.any([options.signal, cancel.signal])
  // A project that cannot be read any more ends its job as failed.
  let lost: { readonly error: unknown } | undefined
  const poll = (): void => {
    try {
      if (cancelRequested(db, id)) cancel.abort()
    } catch (error) {
      lost = { error }
      cancel.abort()
    }
  }
  const { context, outcomes, flush } = watch(db, { id, kind }, signal, options.report ?? (() => {}), options.attention)
  const timer = setInterval(poll, POLL_INTERVAL)
  try {
    startJob(db, id, Date.now())
    poll()
    signal.throwIfAborted()
    const result = await body(context)
    flush()
    endJob(db, id, 'done', null, Date.now())
    return { job: id, result, stages: [...outcomes], seconds: (performance.now() - start) / 1000 }
  } catch (error) {
    const aborted = signal.aborted && (error === signal.reason || isAbortError(error))
    const end = aborted ? endOf(kind, id, signal.reason, lost) : error
    recordEnd(db, id, end, flush)
    throw end
  } finally {
    clearInterval(timer)
  }
}

const endOf = (kind: string, id: JobId, why: unknown, lost: { readonly error: unknown } | undefined): unknown => {
  if (lost !== undefined) return lost.error
  return why instanceof JobInterrupted ? why : new JobCancelled(kind, id)
}

const isAbortError = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** Stores how the job ended, if the project can still be written: the original error is more important. */
const recordEnd = (db: Writable, id: JobId, end: unknown, flush: () => void): void => {
  try {
    flush()
    if (end instanceof JobCancelled || end instanceof JobInterrupted) {
      endJob(db, id, end instanceof JobCancelled ? 'cancelled' : 'interrupted', null, Date.now())
      return
    }
    // The stack of a bug is logged, so that the user can report it.
    if (!(end instanceof UserError) && end instanceof Error && end.stack !== undefined)
      appendJobLog(db, id, 'error', end.stack, Date.now())
    endJob(db, id, 'failed', reason(end), Date.now())
  } catch {
    // The job stays marked as running, and the next writer marks it as interrupted.
  }
}
