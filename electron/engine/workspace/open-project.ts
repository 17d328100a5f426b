import { UserError } from '../../contract/errors.ts'
import type { EventName, EventOf } from '../../contract/events.ts'
import type { JobId } from '../../contract/jobs.ts'
import type { Inference } from '../inference/inference.ts'
import { Attention, type Region } from '../jobs/attention.ts'
import type { JobContext } from '../jobs/context.ts'
import { createQueue, type JobQueue } from '../jobs/queue.ts'
import { JobCancelled, JobInterrupted } from '../jobs/run.ts'
import { foldersOfJob, rememberFolders } from '../photographs/named.ts'
import { lineOf } from '../pipelines/kinds.ts'
import { runtimeOf } from '../pipelines/runtime-of-job.ts'
import { Project } from '../query/project.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { findJob, unfinishedJobs } from '../store/jobs.ts'
import type { Json } from '../store/json.ts'
import { contentKey } from '../store/keys.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { IconWatch } from './icon-watch.ts'

/** Progress is told at most this often, in milliseconds. */
const PROGRESS_EVERY = 200

/** A project that one or more windows look at. */
export interface Opened {
  readonly file: string
  readonly db: Readable
  /** The same connection, where this process may write. */
  readonly writer: Writable | undefined
  /** Why it may not. */
  readonly readOnly: string | null
}

/** What the engine lends to its projects. */
export interface Services {
  readonly inference: Inference
  /** Tells the windows that have this project open. */
  readonly tell: <N extends EventName>(name: N, given: EventOf<N>) => void
}

/** A project that windows look at: it can be queried, and runs jobs where this process may write. */
export class OpenProject extends Project {
  readonly readOnly: string | null
  readonly tell: Services['tell']
  readonly #inference: Inference
  readonly #writer: Writable | undefined
  readonly #queue: JobQueue | undefined
  readonly #watch: IconWatch
  readonly #attention = new Attention()

  constructor({ file, db, writer, readOnly }: Opened, { inference, tell }: Services) {
    super(file, db, ({ hash }) => inference.runtime(hash))
    this.readOnly = readOnly
    this.tell = tell
    this.#inference = inference
    this.#writer = writer
    this.#queue = writer && createQueue(writer)
    this.#watch = new IconWatch(db, tell)
    // Another process may be building: its icons are shown as they come.
    if (writer === undefined) this.#watch.begin()
  }

  /** @throws UserError when the project can only be looked at */
  writable(): Writable {
    if (this.#writer === undefined) throw new UserError(this.readOnly ?? `${this.file} can only be read`)
    return this.#writer
  }

  /**
   * Puts a job behind the others of its line. Its progress and end are told to the windows.
   * @param onReference somebody waits for its first pictures: it begins on the CPU, before devices are looked for and measured
   */
  start(
    kind: string,
    params: Json,
    body: (job: JobContext, runtime: Runtime, db: Writable) => Promise<unknown>,
    { onReference = false } = {},
  ): JobId {
    const db = this.writable()
    // Whoever starts a job here names the folders that it reads: it may be resumed.
    rememberFolders(foldersOfJob(db, params))
    let toldAt = Number.NEGATIVE_INFINITY
    let stage: string | undefined
    const { id, ended } = this.#queue!.add(
      kind,
      params,
      async job => {
        this.#changed(job.id)
        const runtime = await (onReference
          ? this.#inference.reference()
          : runtimeOf(db, this.#inference, { kind, params }, job))
        return body(job, runtime, db)
      },
      {
        line: lineOf(kind),
        attention: this.#attention,
        report: progress => {
          const now = performance.now()
          if (progress.stage === stage && now - toldAt < PROGRESS_EVERY && progress.done < progress.total) return
          toldAt = now
          stage = progress.stage
          this.tell('job.progress', progress)
        },
      },
    )
    this.#changed(id)
    this.#watch.begin()
    void ended
      .then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof JobCancelled || error instanceof JobInterrupted))
            this.tell('notice', { level: 'error', text: error instanceof Error ? error.message : String(error) })
        },
      )
      .then(() => {
        this.#watch.end()
        this.#changed(id)
        this.tell('project.changed', { what: ['summary', 'atlases', 'models', 'photographs', 'jobs'] })
      })
    return id
  }

  /** The job that is on its way to the same already, waiting or running. */
  runningJob(kind: string, params: Json): JobId | undefined {
    const key = contentKey({ kind, params })
    return unfinishedJobs(this.db).find(job => job.key === key)?.id
  }

  /** Somebody looks at a part of an atlas: its cells are made first. */
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
      if (job !== undefined) this.tell('job.changed', job)
    } catch {
      // Closed meanwhile: nobody looks any more.
    }
  }

  /** Interrupts what runs, and lets the file go. */
  async close(): Promise<void> {
    this.#watch.stop()
    await this.#queue?.close()
    this.clearCache()
    this.db.close()
  }
}
