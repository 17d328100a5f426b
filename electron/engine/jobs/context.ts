import type { JobId, JobProgress, LogLevel, StageOutcome } from '../../contract/jobs.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { appendJobLog, storeProgress, storeStages } from '../store/jobs.ts'
import type { Writable } from '../store/sql.ts'
import type { Attention } from './attention.ts'
import { TimeLeft } from './timeleft.ts'

/** A named part of a job, whose result may be stored already. */
export interface Stage<Result> {
  readonly name: string
  /** The stored result if it is complete: then nothing is computed. */
  readonly existing: () => Result | undefined
  readonly compute: (work: StageWork) => Result | Promise<Result>
}

/** Signal, progress and priorities of a stage that is computed. */
export interface StageWork {
  readonly signal: AbortSignal
  readonly report: Report
  /** Marks the stage as continued: a part of the work was stored already. */
  readonly continues: () => void
  /** The visible cells; undefined without a window. */
  readonly attention?: Attention | undefined
}

/** The interface of a job for its body. */
export interface JobContext {
  readonly id: JobId
  /** Aborted when the caller, the user or another process cancels the job. */
  readonly signal: AbortSignal
  readonly report: Report
  /** A checkpoint: reuses the stored result of a stage or computes it, and records which. */
  readonly stage: <Result>(stage: Stage<Result>) => Promise<Result>
  /** Writes to the job's log, such as a skipped file with its reason. */
  readonly log: (level: LogLevel, text: string) => void
}

/** Minimum interval between two writes of progress, in milliseconds; the caller receives every report. */
const STORE_INTERVAL = 250

interface Watcher {
  readonly context: JobContext
  readonly outcomes: readonly StageOutcome[]
  /** Writes the last report at once. */
  readonly flush: () => void
}

/** Connects the body of a job with its row in the project and with the listener of its progress. */
export const watch = (
  db: Writable,
  job: { readonly id: JobId; readonly kind: string },
  signal: AbortSignal,
  onProgress: (progress: JobProgress) => void,
  attention?: Attention,
): Watcher => {
  const outcomes: StageOutcome[] = []
  const clocks = new Map<string, TimeLeft>()
  let last: Progress | undefined
  let stored = Number.NEGATIVE_INFINITY

  const flush = (): void => {
    if (last !== undefined) storeProgress(db, job.id, last, Date.now())
    stored = performance.now()
  }
  const report: Report = progress => {
    const now = performance.now()
    // A new stage is stored at once, so that readers see it before its first interval is over.
    const due = last?.stage !== progress.stage || now - stored >= STORE_INTERVAL
    last = progress
    if (due) flush()
    const clock = clocks.get(progress.stage) ?? new TimeLeft()
    clocks.set(progress.stage, clock)
    const secondsLeft = clock.after(progress.done, progress.total, now)
    onProgress({ job: job.id, kind: job.kind, ...progress, ...(secondsLeft !== undefined && { secondsLeft }) })
  }
  const stage = async <Result>({ name, existing, compute }: Stage<Result>): Promise<Result> => {
    signal.throwIfAborted()
    const start = performance.now()
    const note = (outcome: StageOutcome['outcome']): void => {
      outcomes.push({ name, outcome, seconds: (performance.now() - start) / 1000 })
      storeStages(db, job.id, outcomes, Date.now())
    }
    const reused = existing()
    if (reused !== undefined) {
      note('reused')
      return reused
    }
    let continued = false
    const result = await compute({
      signal,
      report,
      attention,
      continues: () => {
        continued = true
      },
    })
    note(continued ? 'continued' : 'computed')
    return result
  }
  const log = (level: LogLevel, text: string): void => appendJobLog(db, job.id, level, text, Date.now())
  return { context: { id: job.id, signal, report, stage, log }, outcomes, flush }
}
