import { UserError } from '../../contract/errors.ts'
import type { EventName, EventOf } from '../../contract/events.ts'
import type { JobId } from '../../contract/jobs.ts'
import type { Inference } from '../inference/inference.ts'
import { Attention, type Region } from '../jobs/attention.ts'
import type { JobContext } from '../jobs/context.ts'
import { createQueue, type JobQueue } from '../jobs/queue.ts'
import { JobCancelled, JobInterrupted } from '../jobs/run.ts'
import { foldersOfJob, rememberFolders } from '../photographs/named.ts'
import { bodyOf, growingParts, isDivided, lineOf, runtimeOf } from '../pipelines/kinds.ts'
import { Project } from '../query/project.ts'
import { ChosenQueue } from '../queue/chosen.ts'
import { openQueue } from '../queue/open.ts'
import { findJob, unfinishedJobs } from '../store/jobs.ts'
import type { Json } from '../store/json.ts'
import { jobKey } from '../store/keys.ts'
import type { Readable, Writable } from '../store/sql.ts'
import type { Workers } from '../units/workers.ts'
import { IconWatch } from './icon-watch.ts'
import { notifyOfLayout } from './layout-changes.ts'

/** Minimum interval between two reports of progress, in milliseconds. */
const PROGRESS_INTERVAL = 200

/** Interval of notifying windows of new results of a running job, in milliseconds. */
const RESULTS_INTERVAL = 2_000

/** A project that one or more windows show. */
export interface Opened {
  readonly file: string
  readonly db: Readable
  /** The same connection, if this process may write. */
  readonly writer: Writable | undefined
  /** The reason if it may not. */
  readonly readOnly: string | null
}

/** Services of the engine for its projects. */
export interface Services {
  readonly inference: Inference
  /** Sends an event to the windows that have this project open. */
  readonly notify: <N extends EventName>(name: N, given: EventOf<N>) => void
}

/** The workers of the queue that the user has chosen, for a kind of job that can be divided. */
async function workersFor(kind: string, job: Pick<JobContext, 'log'>): Promise<Workers | undefined> {
  const { url } = new ChosenQueue()
  return url === null || !isDivided(kind) ? undefined : openQueue(url, text => job.log('warning', text))
}

interface StartOptions {
  readonly onReference?: boolean
}

/** A project that windows show: it can be queried, and runs jobs if this process may write. */
export class OpenProject extends Project {
  readonly readOnly: string | null
  readonly notify: Services['notify']
  readonly #inference: Inference
  readonly #writer: Writable | undefined
  readonly #queue: JobQueue | undefined
  readonly #watch: IconWatch
  readonly #attention = new Attention()

  constructor({ file, db, writer, readOnly }: Opened, { inference, notify }: Services) {
    super(file, db, ({ hash }) => inference.runtime(hash))
    this.readOnly = readOnly
    this.notify = notify
    this.#inference = inference
    this.#writer = writer
    this.#queue = writer && createQueue(writer)
    this.#watch = new IconWatch(db, notify)
    // Another process may be building: its icons are shown when they are stored.
    if (writer === undefined) this.#watch.start()
  }

  /** @throws UserError when the project is read-only */
  writable(): Writable {
    if (this.#writer === undefined) throw new UserError(this.readOnly ?? `${this.file} is read-only`)
    return this.#writer
  }

  /**
   * Appends a job to the queue of its kind. Windows are notified of its progress, of results that grow, and of its end.
   * @param onReference start on the CPU, without searching for devices and measuring them, to show the first pictures soon
   * @throws UserError when the project is read-only
   */
  start(kind: string, params: Json, { onReference = false }: StartOptions = {}): JobId {
    const db = this.writable()
    const compute = bodyOf(db, kind, params, { onLayout: plan => notifyOfLayout(this, plan) })
    // The user who starts a job opens its folders, so that it may be resumed.
    rememberFolders(foldersOfJob(db, params))
    let reportedAt = Number.NEGATIVE_INFINITY
    let stage: string | undefined
    const grown = (): void => {
      const what = growingParts(kind)
      if (what.length > 0) this.notify('project.changed', { what })
    }
    const { id, ended } = this.#queue!.add(
      kind,
      params,
      async job => {
        this.#changed(job.id)
        const runtime = await (onReference
          ? this.#inference.reference()
          : runtimeOf(db, this.#inference, { kind, params }, job))
        const timer = setInterval(grown, RESULTS_INTERVAL)
        try {
          const workers = await workersFor(kind, job)
          try {
            return await compute(job, runtime, workers)
          } finally {
            await workers?.close()
          }
        } finally {
          clearInterval(timer)
          grown()
        }
      },
      {
        line: lineOf(kind),
        attention: this.#attention,
        report: progress => {
          const now = performance.now()
          if (progress.stage === stage && now - reportedAt < PROGRESS_INTERVAL && progress.done < progress.total) return
          reportedAt = now
          stage = progress.stage
          this.notify('job.progress', progress)
        },
      },
    )
    grown()
    this.#changed(id)
    this.#watch.start()
    void ended
      .then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof JobCancelled || error instanceof JobInterrupted))
            this.notify('notice', { level: 'error', text: error instanceof Error ? error.message : String(error) })
        },
      )
      .then(() => {
        this.#watch.end()
        this.#changed(id)
        this.notify('project.changed', { what: ['summary', 'atlases', 'models', 'photographs', 'jobs'] })
      })
    return id
  }

  /** The queued or running job with the same parameters. */
  runningJob(kind: string, params: Json): JobId | undefined {
    const key = jobKey(kind, params)
    return unfinishedJobs(this.db).find(job => job.key === key)?.id
  }

  /** The queued or running job with the same parameters, or a new one. */
  startOnce(kind: string, params: Json, options: StartOptions = {}): JobId {
    return this.runningJob(kind, params) ?? this.start(kind, params, options)
  }

  /** @throws UserError while a job writes to the item that is to be removed */
  requireIdle(kind: string, params: Json): void {
    const running = this.runningJob(kind, params)
    if (running !== undefined)
      throw new UserError(
        `the ${kind} is still running (job ${running}): cancel it on the Jobs page before you remove the ${kind}`,
      )
  }

  /** Sets the visible part of an atlas, whose cells are computed first. */
  look(atlas: number, region: Region): void {
    this.#attention.look(atlas, region)
  }

  /** @returns false when no job of this process has that id */
  cancel(job: JobId): boolean {
    return this.#queue?.cancel(job) ?? false
  }

  #changed(id: JobId): void {
    try {
      const job = findJob(this.db, id)
      if (job !== undefined) this.notify('job.changed', job)
    } catch {
      // The project was closed, so that no window shows it.
    }
  }

  /** Interrupts its jobs, and closes the file. */
  async close(): Promise<void> {
    this.#watch.stop()
    await this.#queue?.close()
    this.clearCache()
    this.db.close()
  }
}
