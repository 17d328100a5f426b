import type { JobId, JobProgress, LogLevel, StageOutcome } from '../../contract/jobs.ts'
import type { Progress, Report } from '../../contract/progress.ts'
import { appendJobLog, storeProgress, storeStages } from '../store/jobs.ts'
import type { Writable } from '../store/sql.ts'
import type { Attention } from './attention.ts'
import { TimeLeft } from './timeleft.ts'

/** A named part of a job, which may be in the project already. */
export interface Stage<Result> {
  readonly name: string
  /** Its result, where the project has it whole: then nothing is computed. */
  readonly existing: () => Result | undefined
  readonly compute: (work: StageWork) => Result | Promise<Result>
}

/** What a stage that has to be computed is given. */
export interface StageWork {
  readonly signal: AbortSignal
  readonly report: Report
  /** Says that a part of the work was found in the project, so that it counts as continued. */
  readonly continues: () => void
  /** What somebody looks at meanwhile; undefined where nobody watches. */
  readonly attention?: Attention | undefined
}

/** What the body of a job sees of the job. */
export interface JobContext {
  readonly id: JobId
  /** Aborted when the caller, the user or another process wants the job to end. */
  readonly signal: AbortSignal
  readonly report: Report
  /** A checkpoint: takes the stage from the project or computes it, and notes which. */
  readonly stage: <Result>(stage: Stage<Result>) => Promise<Result>
  /** For what the user should find again: what was skipped, and why. */
  readonly log: (level: LogLevel, text: string) => void
}

/** Progress is written to the project at most this often, in milliseconds; the caller gets every report. */
const storeEvery = 250

export interface Watcher {
  readonly context: JobContext
  readonly outcomes: readonly StageOutcome[]
  /** Writes the last report, however young. */
  readonly flush: () => void
}

/** Connects the body of a job with its row in the project and with whoever watches. */
export const watch = (
  db: Writable,
  job: { readonly id: JobId; readonly kind: string },
  signal: AbortSignal,
  tell: (progress: JobProgress) => void,
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
    // A new stage is stored at once: a reader sees what is going on, whatever its pace.
    const due = last?.stage !== progress.stage || now - stored >= storeEvery
    last = progress
    if (due) flush()
    const clock = clocks.get(progress.stage) ?? new TimeLeft()
    clocks.set(progress.stage, clock)
    const secondsLeft = clock.after(progress.done, progress.total, now)
    tell({ job: job.id, kind: job.kind, ...progress, ...(secondsLeft !== undefined && { secondsLeft }) })
  }
  const stage = async <Result>({ name, existing, compute }: Stage<Result>): Promise<Result> => {
    signal.throwIfAborted()
    const start = performance.now()
    const note = (outcome: StageOutcome['outcome']): void => {
      outcomes.push({ name, outcome, seconds: (performance.now() - start) / 1000 })
      storeStages(db, job.id, outcomes, Date.now())
    }
    const found = existing()
    if (found !== undefined) {
      note('reused')
      return found
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
