import type { Tensor } from '../onnx/tensor.ts'

/** What the engine asks of the inference worker. Requests are answered in their order. */
export type Request = { readonly id: number } & (Prepare | Run | Forget)

/** Opens a session, after closing others that have to make room for it. */
interface Prepare {
  readonly ask: 'prepare'
  readonly session: SessionRequest
}

/** Runs a program's graph once. */
interface Run {
  readonly ask: 'run'
  readonly session: SessionRequest
  /** State belongs to a program, not to the session that it may share with others. */
  readonly program: number
  readonly feeds: Readonly<Record<string, Tensor>>
  readonly fetches: readonly string[]
  readonly state: Readonly<Record<string, string>>
}

/** Drops a program's state, and sessions that nobody uses any more. */
interface Forget {
  readonly ask: 'forget'
  readonly program: number
  readonly close: readonly number[]
}

export interface SessionRequest {
  readonly session: number
  /** The ONNX file, when the worker does not hold this session open. */
  readonly model?: Uint8Array
  /** Outputs that are state, for libraries that bind them to a place when a session is opened. */
  readonly kept: readonly string[]
  readonly close: readonly number[]
}

export type Reply =
  | {
      readonly id: number
      readonly tensors: Readonly<Record<string, Tensor>>
      readonly fallbacks?: Fallbacks | undefined
    }
  | { readonly id: number; readonly error: string }

/** Nodes that a provider left to the CPU, of how many. */
export interface Fallbacks {
  readonly nodes: number
  readonly of: number
}

/** The worker's first message. */
export interface Ready {
  readonly library: string
  /** The library's name for the device. */
  readonly device?: string
  /** Why the library can't be used. */
  readonly error?: string
}

/** How the worker is started. */
export interface WorkerSettings {
  readonly threads: number
  /** The cells of the gate that native calls pass. */
  readonly gate: SharedArrayBuffer
}
