import { reason } from '../../../contract/errors.ts'
import type { Graph } from '../../onnx/graph.ts'
import { copy, type Tensor } from '../../onnx/tensor.ts'
import { requireFeeds, roomFor } from '../feeds.ts'
import type { Feeds, LoadOptions, Program } from '../runtime.ts'
import { difference } from './difference.ts'
import { isChecked, RuntimeDisabled, STATE_TOLERANCE, wrongNumbers } from './guard.ts'
import type { GuardedRuntime, Held } from './guarded.ts'
import { isOutOfMemory } from './out-of-memory.ts'

/** A program with state: where its runtime fails, the state is lost, and who asked is told to begin again. */
export class GuardedState implements Program {
  readonly #runtime: GuardedRuntime
  readonly #held: Held
  readonly #graph: Graph
  readonly #options: LoadOptions
  readonly #state: Readonly<Record<string, string>>
  readonly #requireRoom: (feeds: Feeds) => void
  #runs = 0
  /** Results of the last run, state included, where the next one is checked. */
  #before: Promise<Record<string, Tensor>> | undefined

  constructor(runtime: GuardedRuntime, held: Held, graph: Graph, options: LoadOptions) {
    this.#runtime = runtime
    this.#held = held
    this.#graph = graph
    this.#options = options
    this.#state = options.state ?? {}
    this.#requireRoom = roomFor(graph)
  }

  /** @throws RuntimeDisabled, OutOfMemory */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    const outputs = Object.keys(this.#state)
    const asked = fetches ?? this.#graph.outputs.map(output => output.name).filter(output => !outputs.includes(output))
    try {
      // Asked first, so that whatever the runtime throws then is its own failure.
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
    const all = checked || next ? [...new Set([...asked, ...outputs])] : asked
    const before = this.#before
    const kept = checked ? Object.fromEntries(Object.entries(feeds).map(([name, its]) => [name, copy(its)])) : {}
    const running = this.#held.program.run(feeds, all)
    this.#before = next ? running : undefined
    return this.#finished(running, asked, checked ? { feeds: kept, before, all } : undefined)
  }

  release(): Promise<void> {
    return this.#held.program.release()
  }

  async #finished(
    running: Promise<Record<string, Tensor>>,
    asked: readonly string[],
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
        this.#runtime.tooSmall(this.#held.name, this.#graph, { ...this.#options, divisible: true }, error)
      throw await this.#disabled(`failed while it ran ${this.#graph.name}: ${reason(error)}`)
    }
    return Object.fromEntries(asked.map(name => [name, results[name]!]))
  }

  async #disabled(why: string): Promise<RuntimeDisabled> {
    await this.#runtime.disable(this.#held.name, why)
    return new RuntimeDisabled(`${this.#held.name} ${why}`)
  }
}
