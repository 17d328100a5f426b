import { reason } from '../../../contract/errors.ts'
import type { RuntimeName } from '../../../contract/runtimes.ts'
import type { Graph } from '../../onnx/graph.ts'
import { copy, type Tensor } from '../../onnx/tensor.ts'
import type { Feeds, LoadOptions, Program } from '../runtime.ts'
import { difference, finite } from './difference.ts'
import { isChecked, TOLERANCE, wrongNumbers } from './guard.ts'
import type { GuardedRuntime, LoadedProgram } from './guarded.ts'
import { isOutOfMemory } from './out-of-memory.ts'

/** A program without state: when its runtime fails, the next one runs the same feeds. */
export class GuardedProgram implements Program {
  readonly #runtime: GuardedRuntime
  readonly #graph: Graph
  readonly #options: LoadOptions
  readonly #tooSmall = new Set<RuntimeName>()
  #loaded: Promise<LoadedProgram>
  #runs = 0
  #released = false

  constructor(runtime: GuardedRuntime, loaded: LoadedProgram, graph: Graph, options: LoadOptions) {
    this.#runtime = runtime
    this.#graph = graph
    this.#options = options
    this.#loaded = Promise.resolve(loaded)
  }

  async run(original: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    const n = ++this.#runs
    // Copied for the next runtime, because the caller may reuse its buffers.
    const feeds = Object.fromEntries(Object.entries(original).map(([name, tensor]) => [name, copy(tensor)]))
    for (;;) {
      const loaded = await this.#loaded
      const { name, program } = loaded
      let results: Record<string, Tensor>
      try {
        results = await program.run(feeds, fetches)
      } catch (error) {
        if (this.#runtime.isReference(name) || this.#released || this.#runtime.closed) throw error
        if (isOutOfMemory(error)) {
          this.#runtime.tooSmall(name, this.#graph, this.#options, error)
          this.#tooSmall.add(name)
          this.#leave(loaded)
          continue
        }
        // If the reference refuses the feeds as well, the feeds are wrong, not the runtime.
        const right = await this.#runtime.right(this.#graph, feeds, fetches)
        await this.#runtime.disable(name, `failed while it ran ${this.#graph.name}: ${reason(error)}`)
        this.#leave(loaded)
        return right
      }
      if (this.#runtime.isReference(name) || (!isChecked(n) && finite(results))) return results
      const right = await this.#runtime.right(this.#graph, feeds, fetches)
      const error = difference(results, right)
      if (error <= TOLERANCE) return results
      await this.#runtime.disable(name, wrongNumbers(this.#graph.name, error))
      this.#leave(loaded)
      return right
    }
  }

  async release(): Promise<void> {
    this.#released = true
    const loaded = await this.#loaded.catch(() => undefined)
    await loaded?.program.release()
  }

  /** Moves the program to another runtime, unless it was moved already. */
  #leave(loaded: LoadedProgram): void {
    const before = this.#loaded
    this.#loaded = before.then(now => {
      if (now !== loaded) return now
      void loaded.program.release().catch(() => {})
      return this.#runtime.loadWithFallback(this.#graph, this.#options, this.#tooSmall)
    })
    this.#loaded.catch(() => {})
  }
}
