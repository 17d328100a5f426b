import { reason } from '../../../contract/errors.ts'
import type { RuntimeName } from '../../../contract/runtimes.ts'
import type { Graph } from '../../onnx/graph.ts'
import { copy, type Tensor } from '../../onnx/tensor.ts'
import type { Feeds, LoadOptions, Program } from '../runtime.ts'
import { difference, finite } from './difference.ts'
import { isChecked, TOLERANCE, wrongNumbers } from './guard.ts'
import type { GuardedRuntime, Held } from './guarded.ts'
import { isOutOfMemory } from './out-of-memory.ts'

/** A program without state: where its runtime fails, the same feeds are run by the next one. */
export class GuardedProgram implements Program {
  readonly #runtime: GuardedRuntime
  readonly #graph: Graph
  readonly #options: LoadOptions
  readonly #tooSmall = new Set<RuntimeName>()
  #held: Promise<Held>
  #runs = 0
  #released = false

  constructor(runtime: GuardedRuntime, held: Held, graph: Graph, options: LoadOptions) {
    this.#runtime = runtime
    this.#graph = graph
    this.#options = options
    this.#held = Promise.resolve(held)
  }

  async run(given: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    const n = ++this.#runs
    // Kept for the next runtime; meanwhile the caller may use its own for something else.
    const feeds = Object.fromEntries(Object.entries(given).map(([name, tensor]) => [name, copy(tensor)]))
    for (;;) {
      const held = await this.#held
      const { name, program } = held
      let results: Record<string, Tensor>
      try {
        results = await program.run(feeds, fetches)
      } catch (error) {
        if (this.#runtime.isReference(name) || this.#released || this.#runtime.closed) throw error
        if (isOutOfMemory(error)) {
          this.#runtime.tooSmall(name, this.#graph, this.#options, error)
          this.#tooSmall.add(name)
          this.#leave(held)
          continue
        }
        // Feeds that the reference refuses as well are to blame themselves.
        const right = await this.#runtime.right(this.#graph, feeds, fetches)
        await this.#runtime.disable(name, `failed while it ran ${this.#graph.name}: ${reason(error)}`)
        this.#leave(held)
        return right
      }
      if (this.#runtime.isReference(name) || (!isChecked(n) && finite(results))) return results
      const right = await this.#runtime.right(this.#graph, feeds, fetches)
      const error = difference(results, right)
      if (error <= TOLERANCE) return results
      await this.#runtime.disable(name, wrongNumbers(this.#graph.name, error))
      this.#leave(held)
      return right
    }
  }

  async release(): Promise<void> {
    this.#released = true
    const held = await this.#held.catch(() => undefined)
    await held?.program.release()
  }

  /** From now on another runtime has this program, unless one has it already. */
  #leave(held: Held): void {
    const before = this.#held
    this.#held = before.then(now => {
      if (now !== held) return now
      void held.program.release().catch(() => {})
      return this.#runtime.hold(this.#graph, this.#options, this.#tooSmall)
    })
    this.#held.catch(() => {})
  }
}
