import type { RuntimeName } from '../../contract/runtimes.ts'
import type { Backend, Found, OpenOptions } from './backend.ts'
import type { Runtime } from './runtime.ts'

/** A runtime that has failed in this process, and is not used again. */
export interface DisabledRuntime {
  readonly runtime: RuntimeName
  /** The failure: the end of a sentence that starts with the runtime's name. */
  readonly reason: string
  readonly next: RuntimeName
  /** Milliseconds since 1970. */
  readonly at: number
}

/** For the user: the failure, and the runtime that is used instead. */
export const sentenceOf = ({ runtime, reason, next }: DisabledRuntime): string =>
  `${runtime} ${reason}; using ${next} until Portolan is restarted`

/** The runtimes of a process: each is opened once, when it is first needed, and shared by all jobs and models. */
export class RuntimePool {
  readonly #backends: ReadonlyMap<RuntimeName, Backend>
  readonly #options: OpenOptions
  readonly #open = new Map<RuntimeName, Promise<Runtime>>()
  readonly #disabled = new Map<RuntimeName, DisabledRuntime>()
  readonly #listeners = new Set<(disabled: DisabledRuntime) => void>()
  #found: Promise<readonly Found[]> | undefined
  #closed = false

  constructor(backends: readonly Backend[], options: OpenOptions = {}) {
    this.#backends = new Map(backends.map(backend => [backend.name, backend]))
    this.#options = options
  }

  /** The backends of this machine. @param refresh detects them again */
  found(refresh = false): Promise<readonly Found[]> {
    if (refresh || this.#found === undefined) {
      this.#found = Promise.all([...this.#backends.values()].map(backend => backend.find()))
      this.#found.catch(() => {
        this.#found = undefined
      })
    }
    return this.#found
  }

  /** @throws Error when it can't be started */
  open(name: RuntimeName): Promise<Runtime> {
    if (this.#closed) return Promise.reject(new Error('the runtimes are closed'))
    const known = this.#open.get(name)
    if (known) return known
    const backend = this.#backends.get(name)
    if (backend === undefined) return Promise.reject(new Error(`unknown runtime ${name}`))
    const opened = backend.open(this.#options)
    this.#open.set(name, opened)
    // It may start at a later attempt.
    opened.catch(() => this.#open.delete(name))
    return opened
  }

  get closed(): boolean {
    return this.#closed
  }

  get disabled(): readonly DisabledRuntime[] {
    return [...this.#disabled.values()]
  }

  isDisabled(name: RuntimeName): boolean {
    return this.#disabled.has(name)
  }

  /** Disables a runtime, notifies listeners, and frees its memory. The first reason counts. */
  disable(disabled: DisabledRuntime): void {
    if (this.#closed || this.#disabled.has(disabled.runtime)) return
    this.#disabled.set(disabled.runtime, disabled)
    for (const listener of this.#listeners) listener(disabled)
    void this.#end(disabled.runtime)
  }

  /** @returns a function that stops listening */
  listen(listener: (disabled: DisabledRuntime) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open.keys()].map(name => this.#end(name)))
  }

  async #end(name: RuntimeName): Promise<void> {
    const opened = this.#open.get(name)
    this.#open.delete(name)
    const runtime = await opened?.catch(() => undefined)
    // A failed runtime may also fail to close: it is not awaited.
    await runtime?.close().catch(() => {})
  }
}
