import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { instantiate, type Kernel, kernelModule, type Shared } from './kernel.ts'
import type { KernelMemory } from './memory.ts'

/** What a helping thread starts with. */
export interface HelperData {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly thread: number
  readonly threads: number
}
export interface HelperCall {
  readonly name: Shared
  readonly args: readonly number[]
}
export type HelperReply = { readonly value: number | undefined } | { readonly error: unknown }

/** Samples for which starting another thread is worth its time. */
const SAMPLES_PER_THREAD = 2_500
/** Beyond, threads wait for memory and for each other. */
export const MAX_THREADS = 16

/** The number of threads for n samples on this machine; results don't depend on it. */
export const threadsFor = (n: number): number =>
  Math.max(1, Math.min(availableParallelism(), MAX_THREADS, Math.floor(n / SAMPLES_PER_THREAD)))

/** This thread and its helpers, each with an instance of the kernel in the same memory. */
export class Team {
  readonly kernel: Kernel
  readonly threads: number
  readonly #helpers: readonly Worker[]
  readonly #barrier: Int32Array

  constructor(memory: KernelMemory) {
    const { threads } = memory
    this.threads = threads
    const module = kernelModule()
    this.kernel = instantiate(module, memory.memory, 0)
    this.#barrier = new Int32Array(memory.memory.buffer, memory.reserve(16), 4)
    this.#helpers = Array.from({ length: threads - 1 }, (_, helper) => {
      const workerData: HelperData = { module, memory: memory.memory, thread: helper + 1, threads }
      const worker = new Worker(new URL('./helper.worker.ts', import.meta.url), { workerData })
      // Each call waits for its own reply; a thread that dies between calls is found by the next.
      worker.on('error', () => this.abort())
      return worker
    })
  }

  /** Address of the barrier at which the threads of a function wait for each other. */
  get barrier(): number {
    return this.#barrier.byteOffset
  }

  /** Calls a function on this thread. */
  own(name: Shared, args: readonly number[]): number | undefined {
    return this.kernel[name](...args, 0, this.threads)
  }

  /** Starts a function on all helpers. @returns when all have finished; @throws what one of them threw */
  others(name: Shared, args: readonly number[]): Promise<readonly (number | undefined)[]> {
    const call: HelperCall = { name, args }
    return Promise.all(this.#helpers.map(helper => this.#request(helper, call)))
  }

  /** Calls a function on all threads. @returns what each returned */
  async all(name: Shared, args: readonly number[]): Promise<readonly (number | undefined)[]> {
    const others = this.others(name, args)
    // Awaited below, unless this thread fails first.
    others.catch(() => {})
    const own = this.own(name, args)
    return [own, ...(await others)]
  }

  /** Threads that wait for another leave their function. */
  abort(): void {
    Atomics.store(this.#barrier, 2, 1)
    Atomics.notify(this.#barrier, 1)
  }

  async end(): Promise<void> {
    this.abort()
    await Promise.all(this.#helpers.map(helper => helper.terminate()))
  }

  #request(helper: Worker, call: HelperCall): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const onReply = (reply: HelperReply): void => {
      if ('value' in reply) resolve(reply.value)
      else {
        this.abort()
        reject(reply.error)
      }
    }
    const onExit = (): void => {
      this.abort()
      reject(new Error('a thread of the layout ended without a result'))
    }
    helper.once('message', onReply)
    helper.once('error', reject)
    helper.once('exit', onExit)
    helper.postMessage(call)
    return promise.finally(() => {
      helper.off('message', onReply)
      helper.off('error', reject)
      helper.off('exit', onExit)
    })
  }
}
