import type { Graph } from '../onnx/graph.ts'
import type { Tensor } from '../onnx/tensor.ts'

/** Runs ONNX graphs: ONNX Runtime on the CPU or a GPU provider, or TensorFlow. */
export interface Runtime {
  /** The runtime's description, as stored with every result. */
  readonly identity: RuntimeIdentity
  /**
   * Prepares a graph to be run. Programs of equal graphs are shared, and the least recently used are
   * released above the runtime's limit, and prepared again at their next run.
   */
  load(graph: Graph, options?: LoadOptions): Promise<Program>
  /**
   * Parallel runtimes that share the device, each with a part of its threads, for work in equal parts. Single-threaded
   * runs do not wait for each other: on two cores two shards are a sixth faster.
   * Closed with this runtime.
   */
  shards(): Promise<readonly Runtime[]>
  /** The fallback of this runtime, if it has one. */
  readonly fallback?: FallbackRuntimes | undefined
  /**
   * Nodes that ran on the CPU instead of the provider, and the total, in the largest graph that has run; copies between
   * the two count. Undefined where all run on one device.
   */
  readonly fallbacks?: { readonly nodes: number; readonly of: number } | undefined
  /** Releases everything. Runs in flight are rejected. */
  close(): Promise<void>
}

/** The fallback runtimes, and properties of the runtime in use. */
export interface FallbackRuntimes {
  /** The fastest number of icons to invert together, where it was measured. */
  readonly batch: number | undefined
  /** The reference runtime. */
  reference(): Promise<Runtime>
  isReference(runtime: RuntimeIdentity): boolean
  /**
   * Disables the runtime until the process ends: the next one is used.
   * @param failed the runtime that failed; no effect if it is disabled already
   */
  disable(failed: RuntimeIdentity, reason: string): Promise<void>
  /** Logs a message that should be stored with results. */
  note(text: string): void
  /** The same runtime with an additional log: that of the job that it works for. */
  withLog(note: (text: string) => void): Runtime
}

export interface RuntimeIdentity {
  /** `cpu`, `cuda`, `webgpu`, `tensorflow`. */
  readonly name: string
  /** The library and its version. */
  readonly library: string
  /** The system's name of the device. */
  readonly device: string
  readonly threads: number
}

export interface LoadOptions {
  /**
   * State that stays on the device: `{ next: 'spectrum' }` feeds the output `next` of one run to the input
   * `spectrum` of the following one. Feeding `spectrum` explicitly overrides it; `next` is returned only when fetched.
   */
  readonly state?: Readonly<Record<string, string>>
  /**
   * A key of equal graphs, so that they need not be compared: content keys of model and parameters. Without one every
   * load is a separate program.
   */
  readonly key?: string
  /** The caller can divide its batch: when memory runs out, the runtime throws OutOfMemory. */
  readonly divisible?: boolean
}

export type Feeds = Readonly<Record<string, Tensor>>

export interface Program {
  /**
   * Runs the graph once, outside the caller's event loop. Runs of one program are in the order of the calls.
   * @param feeds   one tensor for each input that state does not provide; not modified
   * @param fetches outputs to return; all that are not state by default
   * @throws when a feed is missing, or has the wrong type or shape
   */
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>>
  /** Releases the program and its state. */
  release(): Promise<void>
}
