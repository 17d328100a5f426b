import type { JobId } from '../../contract/jobs.ts'
import { endJob } from '../store/jobs.ts'
import type { Json } from '../store/json.ts'
import type { Writable } from '../store/sql.ts'
import {
  enterJob,
  type JobBody,
  JobCancelled,
  JobInterrupted,
  type JobOptions,
  type JobResult,
  runEntered,
} from './run.ts'

/**
 * Jobs of one project. Long ones run one at a time, in the order of their arrival, because inference uses all cores.
 * Short interactive jobs have a second queue, and background jobs a third.
 */
export interface JobQueue {
  /** Stores the job at once as queued; `ended` settles as runJob does. */
  readonly add: <Result>(
    kind: string,
    params: Json,
    body: JobBody<Result>,
    options?: QueueOptions,
  ) => { readonly id: JobId; readonly ended: Promise<JobResult<Result>> }
  /** Cancels a job, waiting or running. @returns false when the queue has no such job */
  readonly cancel: (id: JobId) => boolean
  /** Interrupts all jobs, which can be resumed later, and settles when no job uses the project any more. */
  readonly close: () => Promise<void>
}

interface QueueOptions extends Pick<JobOptions, 'report' | 'attention'> {
  /** Default: `work`. */
  readonly line?: Line | undefined
}

/** `work`: takes up to hours. `interactive`: takes seconds. `background`: starts by itself; no request waits for it. */
export type Line = 'work' | 'interactive' | 'background'

export const createQueue = (db: Writable): JobQueue => {
  const controllers = new Map<JobId, AbortController>()
  const tails: Record<Line, Promise<unknown>> = {
    work: Promise.resolve(),
    interactive: Promise.resolve(),
    background: Promise.resolve(),
  }

  const add: JobQueue['add'] = (kind, params, body, { line = 'work', ...options } = {}) => {
    const id = enterJob(db, kind, params)
    const controller = new AbortController()
    controllers.set(id, controller)
    const run = async () => {
      try {
        const { aborted, reason } = controller.signal
        if (aborted) {
          const interrupted = reason instanceof JobInterrupted
          endJob(db, id, interrupted ? 'interrupted' : 'cancelled', null, Date.now())
          throw interrupted ? reason : new JobCancelled(kind, id)
        }
        return await runEntered(db, id, kind, body, { ...options, signal: controller.signal })
      } finally {
        controllers.delete(id)
      }
    }
    const ended = tails[line].then(run)
    tails[line] = ended.catch(() => {})
    return { id, ended }
  }
  const cancel = (id: JobId): boolean => {
    controllers.get(id)?.abort()
    return controllers.has(id)
  }
  const close = async (): Promise<void> => {
    for (const controller of controllers.values()) controller.abort(new JobInterrupted())
    await Promise.all(Object.values(tails))
  }
  return { add, cancel, close }
}
