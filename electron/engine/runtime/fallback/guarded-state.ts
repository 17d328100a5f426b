import { reason } from '../../../contract/errors.ts'
import type { Graph } from '../../onnx/graph.ts'
import { copy, type Tensor } from '../../onnx/tensor.ts'
import { requireFeeds, roomFor } from '../feeds.ts'
import type { Feeds, LoadOptions, Program } from '../runtime.ts'
import { difference } from './difference.ts'
import { isChecked, RuntimeDisabled, STATE_TOLERANCE, wrongNumbers } from './guard.ts'
import type { GuardedRuntime, LoadedProgram } from './guarded.ts'
import { isOutOfMemory } from './out-of-memory.ts'

/** A program with state: when its runtime fails, the state is lost, and the run throws RuntimeDisabled. */
export class GuardedState implements Program {
  readonly #runtime: GuardedRuntime
  readonly #loaded: LoadedProgram
  readonly #graph: Graph
  readonly #options: LoadOptions
  readonly #state: Readonly<Record<string, string>>
  readonly #requireRoom: (feeds: Feeds) => void
  #runs = 0
  /** Results of the last run, state included, where the next one is checked. */
  #before: Promise<Record<string, Tensor>> | undefined

  constructor(runtime: GuardedRuntime, loaded: LoadedProgram, graph: Graph, options: LoadOptions) {
    this.#runtime = runtime
    this.#loaded = loaded
    this.#graph = graph
    this.#options = options
    this.#state = options.state ?? {}
    this.#requireRoom = roomFor(graph)
  }

  /** @throws RuntimeDisabled, OutOfMemory */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    const outputs = Object.keys(this.#state)
    const requested =
      fetches ?? this.#graph.outputs.map(output => output.name).filter(output => !outputs.includes(output))
    try {
      // Checked first, so that any later error is a failure of the runtime.
      requireFeeds(this.#graph, feeds, new Set(Object.values(this.#state)))
    } catch (error) {
      return Promise.reject(new Error(`${this.#graph.name}: ${reason(error)}`))
    }
    try {
      this.#requireRoom(feeds)
    } catch (error) {
      return Promise.reject(error)
    }
    const n = ++this.#runs
    const [checked, next] = [isChecked(n), isChecked(n + 1)]
    const all = checked || next ? [...new Set([...requested, ...outputs])] : requested
    const before = this.#before
    const copies = checked ? Object.fromEntries(Object.entries(feeds).map(([name, its]) => [name, copy(its)])) : {}
    const running = this.#loaded.program.run(feeds, all)
    this.#before = next ? running : undefined
    return this.#finished(running, requested, checked ? { feeds: copies, before, all } : undefined)
  }

  release(): Promise<void> {
    return this.#loaded.program.release()
  }

  async #finished(
    running: Promise<Record<string, Tensor>>,
    requested: readonly string[],
    check:
      | {
          readonly feeds: Feeds
          readonly before: Promise<Record<string, Tensor>> | undefined
          readonly all: readonly string[]
        }
      | undefined,
  ): Promise<Record<string, Tensor>> {
    let results: Record<string, Tensor>
    try {
      results = await running
      if (check) {
        const states = await check.before
        const fed = { ...check.feeds }
        for (const [output, input] of Object.entries(this.#state))
          if (fed[input] === undefined && states?.[output] !== undefined) fed[input] = states[output]
        const right = await this.#runtime.right(this.#graph, fed, check.all)
        const error = difference(results, right)
        if (error > STATE_TOLERANCE) throw await this.#disabled(wrongNumbers(this.#graph.name, error))
      }
    } catch (error) {
      if (error instanceof RuntimeDisabled || this.#runtime.closed) throw error
      if (isOutOfMemory(error))
        this.#runtime.tooSmall(this.#loaded.name, this.#graph, { ...this.#options, divisible: true }, error)
      throw await this.#disabled(`failed while it ran ${this.#graph.name}: ${reason(error)}`)
    }
    return Object.fromEntries(requested.map(name => [name, results[name]!]))
  }

  async #disabled(why: string): Promise<RuntimeDisabled> {
    await this.#runtime.disable(this.#loaded.name, why)
    return new RuntimeDisabled(`${this.#loaded.name} ${why}`)
  }
}
