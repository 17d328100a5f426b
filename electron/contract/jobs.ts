import { z } from 'zod'
import { ShownText } from './values.ts'

/** `interrupted`: the process went away while the job was queued or running; running the same job again continues it. */
export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'])
export type JobState = z.infer<typeof JobState>

export const JobId = z.int().positive()
export type JobId = z.infer<typeof JobId>

/** What became of a named stage: `continued` found a part of its work in the project, `reused` all of it. */
export const StageOutcome = z
  .object({
    name: ShownText,
    outcome: z.enum(['computed', 'continued', 'reused']),
    /** Wall-clock time in this run, in seconds. */
    seconds: z.number().nonnegative(),
  })
  .readonly()
export type StageOutcome = z.infer<typeof StageOutcome>

/** One report of a running job, with the time that its current stage still needs. */
export const JobProgress = z
  .object({
    job: JobId,
    kind: z.string(),
    stage: ShownText,
    done: z.number().nonnegative(),
    total: z.number().nonnegative(),
    unit: ShownText,
    /** Undefined until there is something to estimate from. */
    secondsLeft: z.number().nonnegative().optional(),
  })
  .readonly()
export type JobProgress = z.infer<typeof JobProgress>

/** A job as the project remembers it. Times are milliseconds since 1970. */
export const JobRecord = z
  .object({
    id: JobId,
    kind: z.string(),
    /** Content key of kind and parameters: two runs of the same work have the same key. */
    key: z.string(),
    params: z.json(),
    state: JobState,
    stage: ShownText.nullable(),
    done: z.number().nonnegative(),
    total: z.number().nonnegative(),
    unit: ShownText,
    stages: z.array(StageOutcome).readonly(),
    queued: z.number(),
    started: z.number().nullable(),
    updated: z.number(),
    finished: z.number().nullable(),
    error: ShownText.nullable(),
    cancelRequested: z.boolean(),
  })
  .readonly()
export type JobRecord = z.infer<typeof JobRecord>

export const LogLevel = z.enum(['info', 'warning', 'error'])
export type LogLevel = z.infer<typeof LogLevel>

export const JobLogLine = z.object({ time: z.number(), level: LogLevel, text: ShownText }).readonly()
export type JobLogLine = z.infer<typeof JobLogLine>

/** The one process that may write to a project. */
export const Writer = z
  .object({
    pid: z.int().positive(),
    host: ShownText,
    /** What it was started as: `portolan atlas build`. */
    command: ShownText,
    /** Milliseconds since 1970. */
    since: z.number(),
  })
  .readonly()
export type Writer = z.infer<typeof Writer>
