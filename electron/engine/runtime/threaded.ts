import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { reason } from '../../contract/errors.ts'
import type { Graph } from '../onnx/graph.ts'
import { joinReshapes } from '../onnx/reshapes.ts'
import { copy, type Tensor } from '../onnx/tensor.ts'
import { type Weight, writeGraph } from '../onnx/write.ts'
import { requireFeeds, roomFor } from './feeds.ts'
import { Gate } from './gate.ts'
import { LibraryError } from './library-error.ts'
import type { Fallbacks, Ready, Reply, Request, SessionRequest, WorkerSettings } from './protocol.ts'
import { FairQueue } from './queue.ts'
import type { Feeds, LoadOptions, Program, Runtime, RuntimeIdentity } from './runtime.ts'
import { fileOf } from './transfer.ts'
import './onnxruntime/telemetry.ts'

interface ThreadedOptions {
  readonly name: RuntimeIdentity['name']
  /** Threads of one run. Results may depend on it in the last bits. */
  readonly threads: number
  /** Maximum number of open sessions, each with a copy of the weights. */
  readonly maxSessions?: number | undefined
  /** Starts the worker, also again after a crash. */
  readonly start: (settings: WorkerSettings) => Worker
  /** Whether the worker takes weights apart from the file, in shared memory. */
  readonly weightsApart?: boolean
  /** The system's name of the device, where the worker doesn't report one. */
  readonly device: string
  /** Creates parallel runtimes that share this one's threads; by default there are none. */
  readonly shards?: () => Promise<readonly Runtime[]>
}

/** Starts the worker of a script. Node's flags for the main script (`--input-type`) do not apply to the worker's. */
export const workerOf =
  (script: URL, more: Record<string, unknown> = {}) =>
  (settings: WorkerSettings): Worker =>
    new Worker(script, { workerData: { ...settings, ...more }, execArgv: [] })

/**
 * A library that blocks while it runs, in a separate worker thread (see serve.ts).
 * @throws Error with the library's message where it cannot be loaded
 */
export async function createThreadedRuntime(options: ThreadedOptions): Promise<Runtime> {
  const { threads } = options
  const start = (): Thread => {
    const gate = new Gate()
    return { gate, worker: options.start({ threads, gate: gate.cells.buffer }) }
  }
  const thread = start()
  const { library, device = options.device, error } = await ready(thread.worker)
  if (error !== undefined) {
    await thread.worker.terminate()
    throw new Error(error)
  }
  return new ThreadedRuntime({ name: options.name, library, device, threads }, thread, start, options)
}

async function ready(worker: Worker): Promise<Ready> {
  const decided = new AbortController()
  const { signal } = decided
  const ended = async (): Promise<never> => {
    await once(worker, 'exit', { signal })
    throw new Error('the inference worker ended before it was ready')
  }
  try {
    const [message] = await Promise.race([once(worker, 'message', { signal }), ended()])
    return message
  } finally {
    decided.abort()
  }
}

/** The worker, and the gate that its native calls pass. */
interface Thread {
  readonly worker: Worker
  readonly gate: Gate
}

/** A graph that the worker has open, or can open. */
interface Session {
  readonly id: number
  readonly graph: Graph
  readonly stateOutputs: readonly string[]
  open: boolean
  /** Programs that use it. A session without users stays open only when it has a key. */
  users: number
}

/** A request that is created when its turn comes. */
interface QueuedRequest {
  readonly create: (id: number) => Request
  readonly transfer?: readonly ArrayBuffer[]
  /** Called when the reply is an error. */
  readonly failed?: () => void
}

/** The key of a program and the name of its graph. */
interface Named {
  readonly name: string
  readonly graph: string
}

/** An error of the library. */
class Refusal extends Error {}

/** A request in progress and its promise. */
interface Task {
  readonly queued: QueuedRequest
  readonly resolve: (tensors: Record<string, Tensor>) => void
  readonly reject: (error: Error) => void
}

/** One runs while the next waits in the worker, so that it never idles and no request waits for more than two. */
const IN_FLIGHT = 2

/** Maximum wait for the run in progress at the end of the process, in milliseconds. */
const PATIENCE = 60_000

class ThreadedRuntime implements Runtime {
  readonly identity: RuntimeIdentity
  readonly #start: () => Thread
  readonly #maxSessions: number
  readonly #createShards: ThreadedOptions['shards']
  readonly #weightsApart: boolean
  #thread: Thread | undefined
  #closed = false
  #fallbacks: Fallbacks | undefined
  #ids = 0
  #shards: Promise<readonly Runtime[]> | undefined
  readonly #queue = new FairQueue<number, Task>()
  readonly #inFlight = new Map<number, Task>()
  /** By key, or by graph where there is no key; the least recently used first. */
  readonly #sessions = new Map<string | Graph, Session>()

  constructor(identity: RuntimeIdentity, thread: Thread, start: () => Thread, options: ThreadedOptions) {
    this.identity = identity
    this.#start = start
    this.#maxSessions = options.maxSessions ?? 8
    this.#createShards = options.shards
    this.#weightsApart = options.weightsApart ?? false
    this.#adopt(thread)
    process.on('exit', this.#exit)
  }

  /** Of the largest graph that has run. */
  get fallbacks(): Fallbacks | undefined {
    return this.#fallbacks
  }

  #note(fallbacks: Fallbacks | undefined): void {
    if (fallbacks && fallbacks.of > (this.#fallbacks?.of ?? 0)) this.#fallbacks = fallbacks
  }

  readonly #exit = (): void => this.#thread?.gate.closeNow(PATIENCE)

  async load(graph: Graph, options: LoadOptions = {}): Promise<Program> {
    const name = options.key ?? graph.name
    const named: Named = { name, graph: graph.name }
    const state = options.state ?? {}
    requireState(graph, state, name)
    const key = options.key ?? graph
    const session = this.#sessions.get(key) ?? {
      id: ++this.#ids,
      graph,
      stateOutputs: Object.keys(state),
      open: false,
      users: 0,
    }
    this.#sessions.set(key, session)
    session.users++
    const program = ++this.#ids
    /** A session that was not certainly opened is sent again with the next request. */
    const failed = () => {
      session.open = false
    }
    let released: Promise<unknown> | undefined
    const release = async (): Promise<void> => {
      released ??= this.#closed
        ? Promise.resolve()
        : this.#request(program, named, {
            create: id => ({ id, kind: 'forget', program, close: this.#leave(key, session, !options.key) }),
          })
      await released
    }
    try {
      await this.#request(program, named, {
        create: id => ({ id, kind: 'prepare', session: this.#use(key, session) }),
        failed,
      })
    } catch (error) {
      this.#leave(key, session, true)
      throw error
    }
    const stateful = new Set(Object.values(state))
    const requireRoom = roomFor(graph)
    const returned = graph.outputs.map(output => output.name).filter(output => !(output in state))
    return {
      run: async (feeds, fetches = returned) => {
        if (released) throw new Error(`${name}: the program is released`)
        for (const fetch of fetches)
          if (!graph.outputs.some(output => output.name === fetch))
            throw new Error(`${name}: the graph has no output "${fetch}"`)
        try {
          requireFeeds(graph, feeds, stateful)
        } catch (error) {
          throw new Error(`${name}: ${reason(error)}`)
        }
        requireRoom(feeds)
        const { copies, transfer } = copied(feeds)
        return this.#request(program, named, {
          create: id => {
            const use = this.#use(key, session)
            return { id, kind: 'run', session: use, program, feeds: copies, fetches, state }
          },
          transfer,
          failed,
        })
      },
      release,
    }
  }

  shards(): Promise<readonly Runtime[]> {
    this.#shards ??= this.#createShards?.() ?? Promise.resolve([this])
    return this.#shards
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const shard of (await this.#shards?.catch(() => [])) ?? []) if (shard !== this) await shard.close()
    const thread = this.#thread
    this.#fail(new Error('the runtime was closed'))
    // Until the run in progress is finished, the end of the process must wait for it, too.
    const exit = () => thread?.gate.closeNow(PATIENCE)
    process.off('exit', this.#exit).on('exit', exit)
    await thread?.gate.close()
    process.off('exit', exit)
    await thread?.worker.terminate()
  }

  /** The fields of a request about the session that is used next. */
  #use(key: string | Graph, session: Session): SessionRequest {
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    const weights: Weight[] = []
    const model = session.open
      ? undefined
      : writeGraph(joinReshapes(session.graph), this.#weightsApart ? { apart: weights } : {})
    session.open = true
    const open = [...this.#sessions.values()].filter(other => other.open)
    const close = open.slice(0, Math.max(0, open.length - this.#maxSessions))
    for (const other of close) other.open = false
    for (const [other, { users, open }] of this.#sessions) if (users === 0 && !open) this.#sessions.delete(other)
    return {
      session: session.id,
      stateOutputs: session.stateOutputs,
      close: close.map(other => other.id),
      ...(model && { model, weights }),
    }
  }

  /** Removes a program from a session. @returns the sessions to close */
  #leave(key: string | Graph, session: Session, last: boolean): number[] {
    if (--session.users > 0 || (!last && session.open)) return []
    if (this.#sessions.get(key) === session) this.#sessions.delete(key)
    const close = session.open ? [session.id] : []
    session.open = false
    return close
  }

  /** @param name the program's, @param graph its graph's: for messages */
  #request(program: number, { name, graph }: Named, queued: QueuedRequest): Promise<Record<string, Tensor>> {
    if (this.#closed) return Promise.reject(new Error(`${name}: the runtime is closed`))
    return new Promise((resolve, reject) => {
      this.#queue.push(program, {
        queued,
        resolve,
        reject: error => {
          queued.failed?.()
          reject(
            error instanceof Refusal
              ? new LibraryError(error.message, graph, error)
              : new Error(`${name}: ${error.message}`, { cause: error }),
          )
        },
      })
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#inFlight.size < IN_FLIGHT) {
      const task = this.#queue.shift()
      if (!task) break
      try {
        const { worker } = this.#thread ?? this.#adopt(this.#start())
        const request = task.queued.create(++this.#ids)
        this.#inFlight.set(request.id, task)
        worker.postMessage(request, [...(task.queued.transfer ?? []), ...fileOf(request)])
      } catch (error) {
        task.reject(error instanceof Error ? error : new Error(reason(error)))
      }
    }
    // The process may end while the worker is idle.
    if (this.#inFlight.size) this.#thread?.worker.ref()
    else this.#thread?.worker.unref()
  }

  #adopt(thread: Thread): Thread {
    const { worker } = thread
    this.#thread = thread
    worker.unref()
    worker.on('message', (reply: Reply | Ready) => {
      if (!('id' in reply)) return
      const task = this.#inFlight.get(reply.id)
      this.#inFlight.delete(reply.id)
      if ('error' in reply) task?.reject(new Refusal(reply.error))
      else {
        this.#note(reply.fallbacks)
        task?.resolve({ ...reply.tensors })
      }
      this.#pump()
    })
    const stopped = (why: string) => {
      if (this.#thread === thread) this.#fail(new Error(`the inference worker stopped (${why})`))
    }
    worker.on('error', error => stopped(reason(error)))
    worker.on('exit', code => stopped(`exit code ${code}`))
    return thread
  }

  /** Rejects all requests. The next request starts a new worker, in which sessions are opened again on demand. */
  #fail(error: Error): void {
    this.#thread = undefined
    for (const session of this.#sessions.values()) session.open = false
    const tasks = [...this.#inFlight.values(), ...this.#queue.drain()]
    this.#inFlight.clear()
    for (const task of tasks) task.reject(error)
  }
}

function requireState(graph: Graph, state: Readonly<Record<string, string>>, name: string): void {
  for (const [output, input] of Object.entries(state)) {
    if (!graph.outputs.some(value => value.name === output))
      throw new Error(`${name}: the state "${output}" is not an output`)
    if (!graph.inputs.some(value => value.name === input))
      throw new Error(`${name}: the state "${input}" is not an input`)
  }
}

/** Transferable copies of feeds, so that the caller can reuse the originals. */
function copied(feeds: Feeds): { readonly copies: Record<string, Tensor>; readonly transfer: readonly ArrayBuffer[] } {
  const copies = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, copy(tensor)]))
  const buffers = Object.values(copies).map(tensor => tensor.data.buffer)
  return { copies, transfer: buffers.filter(buffer => buffer instanceof ArrayBuffer) }
}
