import { reason } from '../../../contract/errors.ts'
import type { RuntimeName } from '../../../contract/runtimes.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { Tensor } from '../../onnx/tensor.ts'
import { type DisabledRuntime, type RuntimePool, sentenceOf } from '../pool.ts'
import type { FallbackRuntimes, Feeds, LoadOptions, Program, Runtime, RuntimeIdentity } from '../runtime.ts'
import { GuardedProgram } from './guarded-program.ts'
import { GuardedState } from './guarded-state.ts'
import { isOutOfMemory, OutOfMemory } from './out-of-memory.ts'

interface GuardOptions {
  /** The fastest number of icons to invert together, for runtimes for which it was measured. */
  readonly batches?: ReadonlyMap<RuntimeName, number>
  /** Logs messages that should be stored with the results. */
  readonly note?: (text: string) => void
}

/** A program, and the runtime that loaded it. */
export interface LoadedProgram {
  readonly name: RuntimeName
  readonly identity: RuntimeIdentity
  readonly program: Program
}

/**
 * Runs graphs on the first of several runtimes that works, and compares its numbers with those of the last one, the
 * reference. A runtime that throws, or whose numbers are wrong, is disabled, and the next one continues, transparently
 * for the caller unless state was lost (RuntimeDisabled) or a smaller batch would help (OutOfMemory).
 */
export class GuardedRuntime implements Runtime {
  readonly #pool: RuntimePool
  readonly #order: readonly RuntimeName[]
  readonly #reference: RuntimeName
  readonly #options: GuardOptions
  #identity: RuntimeIdentity

  private constructor(
    pool: RuntimePool,
    order: readonly RuntimeName[],
    options: GuardOptions,
    identity: RuntimeIdentity,
  ) {
    this.#pool = pool
    this.#order = order
    this.#reference = order.at(-1)!
    this.#options = options
    this.#identity = identity
  }

  /** @param order from the preferred runtime to the reference; only runtimes of the pool */
  static async create(
    pool: RuntimePool,
    order: readonly RuntimeName[],
    options: GuardOptions = {},
  ): Promise<GuardedRuntime> {
    const unknown: RuntimeIdentity = { name: order[0]!, library: '', device: '', threads: 0 }
    const guarded = new GuardedRuntime(pool, order, options, unknown)
    await guarded.#now()
    return guarded
  }

  /** The runtime that would be used now. */
  get identity(): RuntimeIdentity {
    return this.#identity
  }

  get fallback(): FallbackRuntimes {
    const name = this.#identity.name as RuntimeName
    return {
      batch: this.#options.batches?.get(name),
      reference: () => this.#pool.open(this.#reference),
      isReference: runtime => runtime.name === this.#reference,
      disable: (failed, why) => this.disable(failed.name as RuntimeName, why),
      note: text => this.#options.note?.(text),
      withLog: note => {
        const both = (text: string): void => {
          this.#options.note?.(text)
          note(text)
        }
        return new GuardedRuntime(this.#pool, this.#order, { ...this.#options, note: both }, this.#identity)
      },
    }
  }

  async load(graph: Graph, options: LoadOptions = {}): Promise<Program> {
    const loaded = await this.loadWithFallback(graph, options)
    if (loaded.name === this.#reference) return loaded.program
    return options.state
      ? new GuardedState(this, loaded, graph, options)
      : new GuardedProgram(this, loaded, graph, options)
  }

  async shards(): Promise<readonly Runtime[]> {
    const { name, runtime } = await this.#now()
    return name === this.#reference ? runtime.shards() : [this]
  }

  /** Does nothing: the pool closes the runtimes. */
  async close(): Promise<void> {}

  isReference(name: RuntimeName): boolean {
    return name === this.#reference
  }

  get closed(): boolean {
    return this.#pool.closed
  }

  /**
   * Loads a graph on the first runtime that accepts it.
   * @param tooSmall runtimes with too little memory for it
   * @throws the reference's error, when it refuses the graph too
   */
  async loadWithFallback(
    graph: Graph,
    options: LoadOptions,
    tooSmall: ReadonlySet<RuntimeName> = new Set(),
  ): Promise<LoadedProgram> {
    const without = new Set(tooSmall)
    for (;;) {
      const { name, runtime } = await this.#now(without)
      try {
        return { name, identity: runtime.identity, program: await runtime.load(graph, options) }
      } catch (error) {
        if (name === this.#reference || this.#pool.closed) throw error
        if (isOutOfMemory(error)) {
          this.tooSmall(name, graph, options, error)
          without.add(name)
          continue
        }
        // If the reference refuses the graph as well, the graph is wrong, not the runtime.
        await (await (await this.#pool.open(this.#reference)).load(graph, options)).release()
        await this.disable(name, `could not load ${graph.name}: ${reason(error)}`)
      }
    }
  }

  /** @throws OutOfMemory when the caller can divide its batch */
  tooSmall(name: RuntimeName, graph: Graph, { divisible }: LoadOptions, error: unknown): void {
    if (divisible) throw new OutOfMemory(`${graph.name}: ${reason(error)}`, { cause: error })
    this.#options.note?.(`${name} has too little memory for ${graph.name}; another runtime computes it`)
  }

  /** The results of the reference. @throws its errors */
  async right(graph: Graph, feeds: Feeds, fetches: readonly string[] | undefined): Promise<Record<string, Tensor>> {
    const program = await (await this.#pool.open(this.#reference)).load(graph)
    try {
      return await program.run(feeds, fetches)
    } finally {
      await program.release()
    }
  }

  async disable(name: RuntimeName, why: string): Promise<void> {
    if (name === this.#reference || this.#pool.isDisabled(name)) return
    const next = this.#order.find(other => other !== name && !this.#pool.isDisabled(other)) ?? this.#reference
    const disabled: DisabledRuntime = { runtime: name, reason: why, next, at: Date.now() }
    this.#pool.disable(disabled)
    this.#options.note?.(sentenceOf(disabled))
    // From now on the next results come from this runtime.
    await this.#now()
  }

  /** The first runtime that can be started. */
  async #now(without: ReadonlySet<RuntimeName> = new Set()): Promise<{ name: RuntimeName; runtime: Runtime }> {
    for (const name of this.#order) {
      if (name !== this.#reference && (this.#pool.isDisabled(name) || without.has(name))) continue
      try {
        const runtime = await this.#pool.open(name)
        if (without.size === 0) this.#identity = runtime.identity
        return { name, runtime }
      } catch (error) {
        if (name === this.#reference || this.#pool.closed) throw error
        await this.disable(name, `could not be started: ${reason(error)}`)
      }
    }
    throw new Error('no runtime is available')
  }
}
