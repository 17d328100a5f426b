import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { EngineState } from '../../contract/events.ts'
import type { Picture, PictureData } from '../../contract/pictures.ts'
import { FromEngine, type ToEngine } from '../../contract/wire.ts'
import { type Backoff, nextDelay, noFailures } from './backoff.ts'
import { Gate } from './gate.ts'

export interface EngineEvent {
  readonly clients: readonly number[] | null
  readonly name: string
  readonly given: unknown
}

export interface EngineOptions {
  readonly node: string
  readonly script: string
  /** Where the application keeps what is its own. */
  readonly data: string
  /** Called between the engine's `ready` and the state `ready`: what the windows had open is opened again. */
  readonly restore: () => Promise<void>
  readonly onState: (state: EngineState) => void
  readonly onEvent: (event: EngineEvent) => void
  /** Lines that the engine writes to its standard output and error. */
  readonly onLog: (line: string) => void
}

interface Waiting {
  readonly resolve: (output: unknown) => void
  readonly reject: (error: Error) => void
}

/** How long a stopped engine may take to finish its batch before it is killed, in milliseconds. */
const patience = 5000

/** The engine's process: started, spoken to, and started again when it dies. */
export class EngineProcess {
  readonly #options: EngineOptions
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #state: EngineState = { state: 'starting' }
  /** Resolves when calls are taken: those made before wait for it. */
  #taking = new Gate()
  #lastId = 0
  #backoff: Backoff = noFailures
  #retry: NodeJS.Timeout | undefined
  #stopping = false
  #tail: string[] = []

  constructor(options: EngineOptions) {
    this.#options = options
  }

  get state(): EngineState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    clearTimeout(this.#retry)
    if (this.#child !== undefined || this.#stopping) return
    this.#tell({ state: 'starting' })
    const startedAt = Date.now()
    const { NODE_OPTIONS: _, ELECTRON_RUN_AS_NODE: __, ...env } = process.env
    const child = spawn(this.#options.node, [this.#options.script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Compiled once, the engine's files load in half the time.
      env: { ...env, PORTOLAN_DATA: this.#options.data, NODE_COMPILE_CACHE: join(this.#options.data, 'compiled') },
    })
    this.#child = child
    this.#tail = []
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', text => this.#logged(text))
    child.on('message', message => this.#heard(child, message))
    child.once('error', error => this.#ended(child, `it cannot be started: ${error.message}`, startedAt))
    child.once('exit', (code, signal) => {
      const how = signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`
      // Node ends a stack with its version: the sentence stands above.
      const said = this.#tail.findLast(line => /^\w*Error\b/.test(line)) ?? this.#tail.at(-1)
      this.#ended(child, said === undefined ? how : `${how} (${said})`, startedAt)
    })
  }

  /** Makes a call in the name of a window. Its answer isn't checked yet. */
  async call(client: number, name: string, input: unknown): Promise<unknown> {
    await this.#taking.passed
    return this.#ask(id => ({ kind: 'call', id, client, name, input }))
  }

  /** The same before the windows are told that the engine is ready. */
  callWhileRestoring(client: number, name: string, input: unknown): Promise<unknown> {
    return this.#ask(id => ({ kind: 'call', id, client, name, input }))
  }

  /** @returns null when the project has no such picture */
  async picture(picture: Picture): Promise<PictureData | null> {
    await this.#taking.passed
    return (await this.#ask(id => ({ kind: 'picture', id, picture }))) as PictureData | null
  }

  leave(client: number): void {
    this.#send({ kind: 'leave', client })
  }

  /** Lets the engine finish its batch, and ends it. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#retry)
    const child = this.#child
    if (child === undefined) return
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
    this.#send({ kind: 'stop' })
    const late = setTimeout(() => child.kill('SIGKILL'), patience)
    await gone
    clearTimeout(late)
  }

  #ask(message: (id: number) => ToEngine): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send(message(id))
    })
  }

  #send(message: ToEngine): void {
    // A channel that closes meanwhile is followed by the exit, which refuses everything that waits.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  #heard(child: ChildProcess, message: unknown): void {
    if (child !== this.#child) return
    const parsed = FromEngine.safeParse(message)
    if (!parsed.success) {
      this.#options.onLog(`the engine said what no table knows: ${parsed.error.message}`)
      return
    }
    const said = parsed.data
    if (said.kind === 'ready') {
      void this.#ready(child)
      return
    }
    if (said.kind === 'event') {
      this.#options.onEvent(said)
      return
    }
    const waiting = this.#waiting.get(said.id)
    this.#waiting.delete(said.id)
    if (said.kind === 'answer') waiting?.resolve(said.output)
    else if (said.kind === 'picture') waiting?.resolve(said.data)
    else waiting?.reject(said.expected ? new UserError(said.message) : new Error(said.message))
  }

  async #ready(child: ChildProcess): Promise<void> {
    await this.#options.restore()
    if (child !== this.#child) return
    this.#taking.open()
    this.#tell({ state: 'ready' })
  }

  #ended(child: ChildProcess, how: string, startedAt: number): void {
    if (child !== this.#child) return
    this.#child = undefined
    const lost = new UserError(`the engine stopped before it answered: ${how}; what was finished is in the project`)
    for (const waiting of this.#waiting.values()) waiting.reject(lost)
    this.#waiting.clear()
    if (this.#stopping) return
    this.#backoff = nextDelay(this.#backoff, Date.now() - startedAt)
    const retryInMs = this.#backoff.delayMs
    // Calls made from now on wait for the next start, unless there is none.
    this.#taking.shut(lost)
    this.#taking = new Gate()
    if (retryInMs === null) this.#taking.shut(new UserError(`the engine does not start: ${how}`))
    else this.#retry = setTimeout(() => this.start(), retryInMs)
    this.#tell({ state: 'lost', reason: how, retryInMs })
  }

  /** Starts anew after it was given up. */
  restart(): void {
    if (this.#child !== undefined) return
    this.#backoff = noFailures
    this.#taking = new Gate()
    this.start()
  }

  #tell(state: EngineState): void {
    this.#state = state
    this.#options.onState(state)
  }

  #logged(text: string): void {
    for (const line of text.split('\n').filter(each => each.trim() !== '')) {
      this.#tail = [...this.#tail.slice(-29), line]
      this.#options.onLog(line)
    }
  }
}
