import { type ChildProcess, spawn } from 'node:child_process'
import { ENGINE_LOST } from '../../contract/channels.ts'
import { UserError } from '../../contract/errors.ts'
import type { EngineState } from '../../contract/events.ts'
import type { Picture, PictureData } from '../../contract/pictures.ts'
import { FromEngine, type ToEngine } from '../../contract/wire.ts'
import { type Backoff, NO_FAILURES, nextDelay } from './backoff.ts'
import { engineEnvironment } from './environment.ts'
import { Gate } from './gate.ts'

export interface EngineEvent {
  readonly clients: readonly number[] | null
  readonly name: string
  readonly given: unknown
}

interface EngineOptions {
  readonly node: string
  readonly script: string
  /** The application's data folder. */
  readonly data: string
  /** Reopens the projects of the windows, between the engine's message `ready` and the state `ready`. */
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

/** Time for a stopped engine to finish its batch before it is killed, ms. */
const STOP_TIMEOUT_MS = 5000

/** The engine's process: starts it, sends requests, and restarts it after a crash. */
export class EngineProcess {
  readonly #options: EngineOptions
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcess | undefined
  #state: EngineState = { state: 'starting' }
  /** Open while the engine accepts calls; earlier calls wait. */
  #accepting = new Gate()
  #lastId = 0
  #backoff: Backoff = NO_FAILURES
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
    this.#setState({ state: 'starting' })
    const startedAt = Date.now()
    const child = spawn(this.#options.node, [this.#options.script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: engineEnvironment(this.#options.data),
    })
    this.#child = child
    this.#tail = []
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', text => this.#logged(text))
    child.on('message', message => this.#receive(child, message))
    child.once('error', error => this.#ended(child, `it cannot be started: ${error.message}`, startedAt))
    child.once('exit', (code, signal) => {
      const how = signal === null ? `it exited with status ${code}` : `it was killed by ${signal}`
      // The last line of a stack trace is Node's version: the message is above.
      const message = this.#tail.findLast(line => /^\w*Error\b/.test(line)) ?? this.#tail.at(-1)
      this.#ended(child, message === undefined ? how : `${how} (${message})`, startedAt)
    })
  }

  /** Makes a call for a window. The output is not validated. */
  async call(client: number, name: string, input: unknown): Promise<unknown> {
    await this.#accepting.passed
    return this.#request(id => ({ kind: 'call', id, client, name, input }))
  }

  /** Makes a call before the state `ready`. */
  callWhileRestoring(client: number, name: string, input: unknown): Promise<unknown> {
    return this.#request(id => ({ kind: 'call', id, client, name, input }))
  }

  /** @returns null if the project has no such picture */
  async picture(picture: Picture): Promise<PictureData | null> {
    await this.#accepting.passed
    return (await this.#request(id => ({ kind: 'picture', id, picture }))) as PictureData | null
  }

  leave(client: number): void {
    this.#send({ kind: 'leave', client })
  }

  /** Stops the engine after its current batch. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#retry)
    const child = this.#child
    if (child === undefined) return
    const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
    this.#send({ kind: 'stop' })
    const timeout = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timeout)
  }

  #request(message: (id: number) => ToEngine): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send(message(id))
    })
  }

  #send(message: ToEngine): void {
    // If the channel closes meanwhile, the exit rejects all pending requests.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  #receive(child: ChildProcess, message: unknown): void {
    if (child !== this.#child) return
    const parsed = FromEngine.safeParse(message)
    if (!parsed.success) {
      this.#options.onLog(`invalid message from the engine: ${parsed.error.message}`)
      return
    }
    const reply = parsed.data
    if (reply.kind === 'ready') {
      void this.#ready(child)
      return
    }
    if (reply.kind === 'event') {
      this.#options.onEvent(reply)
      return
    }
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.kind === 'result') waiting?.resolve(reply.output)
    else if (reply.kind === 'picture') waiting?.resolve(reply.data)
    else waiting?.reject(reply.expected ? new UserError(reply.message) : new Error(reply.message))
  }

  async #ready(child: ChildProcess): Promise<void> {
    await this.#options.restore()
    if (child !== this.#child) return
    this.#accepting.open()
    this.#setState({ state: 'ready' })
  }

  #ended(child: ChildProcess, how: string, startedAt: number): void {
    if (child !== this.#child) return
    this.#child = undefined
    const lost = new UserError(`${ENGINE_LOST}: ${how}; finished work is in the project`)
    for (const waiting of this.#waiting.values()) waiting.reject(lost)
    this.#waiting.clear()
    if (this.#stopping) return
    this.#backoff = nextDelay(this.#backoff, Date.now() - startedAt)
    const retryInMs = this.#backoff.delayMs
    // Later calls wait for the next start, if there is one.
    this.#accepting.shut(lost)
    this.#accepting = new Gate()
    if (retryInMs === null) this.#accepting.shut(new UserError(`the engine does not start: ${how}`))
    else this.#retry = setTimeout(() => this.start(), retryInMs)
    this.#setState({ state: 'lost', reason: how, retryInMs })
  }

  /** Starts the engine after it was given up. */
  restart(): void {
    if (this.#child !== undefined) return
    this.#backoff = NO_FAILURES
    this.#accepting = new Gate()
    this.start()
  }

  #setState(state: EngineState): void {
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
