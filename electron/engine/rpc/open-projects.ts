import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Inference } from '../inference/inference.ts'
import { keyOf } from '../query/project.ts'
import { createProject, openProject } from '../store/open.ts'
import type { Readable, Writable } from '../store/sql.ts'
import { WINDOW_COMMAND } from '../store/writer.ts'
import { type Opened, OpenProject } from '../workspace/open-project.ts'
import type { Notify } from './handlers.ts'

const WHO = { command: WINDOW_COMMAND }

/** Which window has which project. A project that several windows have is open once. */
export class OpenProjects {
  readonly #notify: Notify
  readonly #inference: Inference
  /** By key. */
  readonly #projects = new Map<string, OpenProject>()
  /** Key by window. */
  readonly #windows = new Map<number, string>()
  /** Files that are being closed: a request to open one again waits. */
  readonly #closing = new Map<string, Promise<void>>()

  constructor(notify: Notify, inference: Inference) {
    this.#notify = notify
    this.#inference = inference
  }

  of(client: number): OpenProject | undefined {
    const key = this.#windows.get(client)
    return key === undefined ? undefined : this.#projects.get(key)
  }

  withKey(key: string): OpenProject | undefined {
    return this.#projects.get(key)
  }

  /**
   * Opens a project for a window, in place of the one it has. What another process writes to is opened for looking.
   * @throws UserError as the store does; the window keeps what it has then
   */
  open(client: number, file: string): Promise<OpenProject> {
    const path = existsSync(file) ? realpathSync(file) : resolve(file)
    return this.#enter(client, path, () => opened(path))
  }

  /** Begins a project. @throws UserError when there is one */
  create(client: number, file: string): Promise<OpenProject> {
    const path = resolve(file)
    return this.#enter(client, path, () => {
      const writer = createProject(path, WHO)
      return { file: realpathSync(path), db: writer, writer, readOnly: null }
    })
  }

  async #enter(client: number, path: string, open: () => Opened): Promise<OpenProject> {
    await this.#closing.get(keyOf(path))
    const project = this.#projects.get(keyOf(path)) ?? this.#kept(open())
    const before = this.of(client)
    this.#windows.set(client, project.key)
    if (before !== undefined && before !== project) void this.#closeUnlessUsed(before)
    return project
  }

  #kept(opened: Opened): OpenProject {
    const project = new OpenProject(opened, {
      inference: this.#inference,
      notify: (name, given) => this.#notify(this.#windowsOf(keyOf(opened.file)), name, given),
    })
    this.#projects.set(project.key, project)
    return project
  }

  #windowsOf(key: string): number[] {
    return [...this.#windows].filter(([, its]) => its === key).map(([client]) => client)
  }

  /** A window is gone. */
  async leave(client: number): Promise<void> {
    const project = this.of(client)
    this.#windows.delete(client)
    if (project !== undefined) await this.#closeUnlessUsed(project)
  }

  async #closeUnlessUsed(project: OpenProject): Promise<void> {
    if (this.#windowsOf(project.key).length > 0) return
    this.#projects.delete(project.key)
    const closed = project.close().finally(() => this.#closing.delete(project.key))
    this.#closing.set(project.key, closed)
    await closed
  }

  async close(): Promise<void> {
    this.#windows.clear()
    await Promise.all([...this.#projects.values()].map(project => this.#closeUnlessUsed(project)))
    await Promise.all(this.#closing.values())
  }
}

/** Opened for writing where that is possible, for looking where another process writes or the place is read-only. */
const opened = (file: string): Opened => {
  let writer: Writable
  try {
    writer = openProject(file, { mode: 'write', who: WHO })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { file, db: looking(file, error), writer: undefined, readOnly: error.message }
  }
  return { file, db: writer, writer, readOnly: null }
}

/** @throws what kept it from being written to, where it can't be read either */
const looking = (file: string, why: UserError): Readable => {
  try {
    return openProject(file, { mode: 'read' })
  } catch {
    throw why
  }
}
