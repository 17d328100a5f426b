import type { Graph } from '../onnx/graph.ts'
import type { Tensor } from '../onnx/tensor.ts'
import type { Feeds, LoadOptions, Program, Runtime, RuntimeIdentity } from '../runtime/runtime.ts'

/** A run of a program with state. */
export interface Run {
  /** The state that it began from included. */
  readonly feeds: Feeds
  /** All outputs. */
  readonly results: Readonly<Record<string, Tensor>>
}

/** A runtime that keeps all that goes into a program with state and comes out of it, run by run. */
export class Recording implements Runtime {
  readonly #runtime: Runtime
  /** The program's. */
  graph: Graph | undefined
  readonly runs: Run[] = []

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  get identity(): RuntimeIdentity {
    return this.#runtime.identity
  }

  async load(graph: Graph, options: LoadOptions = {}): Promise<Program> {
    const program = await this.#runtime.load(graph, options)
    const { state } = options
    if (state === undefined) return program
    this.graph = graph
    const outputs = graph.outputs.map(({ name }) => name)
    let last: Promise<Readonly<Record<string, Tensor>>> = Promise.resolve({})
    return {
      run: async (given, fetches = outputs.filter(name => !(name in state))) => {
        const before = last
        last = program.run(given, outputs)
        const [held, results] = await Promise.all([before, last])
        const kept = Object.entries(state).flatMap(([output, input]) => (held[output] ? [[input, held[output]]] : []))
        this.runs.push({ feeds: { ...Object.fromEntries(kept), ...given }, results })
        return Object.fromEntries(fetches.map(name => [name, results[name]!]))
      },
      release: () => program.release(),
    }
  }

  shards(): Promise<readonly Runtime[]> {
    return Promise.resolve([this])
  }

  /** Does nothing: the runtime is another's. */
  async close(): Promise<void> {}
}
