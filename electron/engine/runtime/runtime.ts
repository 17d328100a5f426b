import type { Graph } from '../onnx/graph.ts'
import type { Tensor } from '../onnx/tensor.ts'

/** Something that runs ONNX graphs: ONNX Runtime on a CPU, a GPU provider, TensorFlow. One file for each. */
export interface Runtime {
  /** What ran, as it is written beside every result. */
  readonly identity: RuntimeIdentity
  /**
   * Prepares a graph to be run. Programs of equal graphs are shared, and the least recently used are
   * released beyond the runtime's bound, to be prepared again when they are next run.
   */
  load(graph: Graph, options?: LoadOptions): Promise<Program>
  /**
   * Runtimes that work side by side and share the device, each with a part of its threads, for work that falls into
   * equal parts. Runs of one thread waste no time on waiting for each other: on two cores two lanes do a sixth more.
   * Closed with this runtime.
   */
  lanes(): Promise<readonly Runtime[]>
  /** What stands behind this runtime, where something does. */
  readonly fallback?: FallbackRuntimes | undefined
  /**
   * Nodes that the provider left to the CPU, of how many, in the largest graph that has run; copies between the two
   * count. Undefined where all run in one place.
   */
  readonly fallbacks?: { readonly nodes: number; readonly of: number } | undefined
  /** Releases everything. Runs in flight are rejected. */
  close(): Promise<void>
}

/** Others that can take over, and what is known of the runtime that they stand behind. */
export interface FallbackRuntimes {
  /** Icons that are best inverted together, where that was measured. */
  readonly batch: number | undefined
  /** The runtime whose numbers decide. */
  reference(): Promise<Runtime>
  isReference(runtime: RuntimeIdentity): boolean
  /**
   * Takes the runtime out of use until the process ends: from now on the next one answers.
   * @param failed what ran; nothing happens when it is out of use already
   */
  disable(failed: RuntimeIdentity, reason: string): Promise<void>
  /** Writes down what results should be read with. */
  note(text: string): void
  /** The same runtime, which writes such things down elsewhere as well: in the log of the job that it works for. */
  withLog(note: (text: string) => void): Runtime
}

export interface RuntimeIdentity {
  /** `cpu`, `cuda`, `webgpu`, `tensorflow`. */
  readonly name: string
  /** The library and its version. */
  readonly library: string
  /** The machine's name for the device. */
  readonly device: string
  readonly threads: number
}

export interface LoadOptions {
  /**
   * State that stays where the graph runs: `{ next: 'spectrum' }` feeds the output `next` of one run to the input
   * `spectrum` of the following one. Feeding `spectrum` explicitly overrides it; `next` is returned only when fetched.
   */
  readonly state?: Readonly<Record<string, string>>
  /**
   * A name for graphs that are known to be equal, so that they need not be compared: content keys of model and
   * parameters. Without one every load is a program of its own.
   */
  readonly key?: string
  /** The caller can do with less at once: where memory runs out, it wants to hear it as OutOfMemory. */
  readonly divisible?: boolean
}

export type Feeds = Readonly<Record<string, Tensor>>

export interface Program {
  /**
   * Runs the graph once, off the caller's event loop. Runs of one program are done in the order of the calls.
   * @param feeds   one tensor for each input that state does not provide; left untouched
   * @param fetches outputs to return; all that are not state by default
   * @throws when a feed is missing, or has another type or a shape that the graph cannot take
   */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>>
  /** Gives the program back. Its state is forgotten. */
  release(): Promise<void>
}
