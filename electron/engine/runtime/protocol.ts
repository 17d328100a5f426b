import type { Tensor } from '../onnx/tensor.ts'
import type { Weight } from '../onnx/write.ts'

/** The requests of the engine to the inference worker, which processes them in order. */
export type Request = { readonly id: number } & (Prepare | Run | Forget)

/** Opens a session, after closing others to free their memory. */
interface Prepare {
  readonly kind: 'prepare'
  readonly session: SessionRequest
}

/** Runs a program's graph once. */
interface Run {
  readonly kind: 'run'
  readonly session: SessionRequest
  /** State belongs to a program, not to the session that it may share with others. */
  readonly program: number
  readonly feeds: Readonly<Record<string, Tensor>>
  readonly fetches: readonly string[]
  readonly state: Readonly<Record<string, string>>
}

/** Drops a program's state, and sessions that are no longer used. */
interface Forget {
  readonly kind: 'forget'
  readonly program: number
  readonly close: readonly number[]
}

export interface SessionRequest {
  readonly session: number
  /** The ONNX file, when the worker does not have this session open. */
  readonly model?: Uint8Array
  /** Its external data, in memory that is shared; none where the file is complete. */
  readonly weights?: readonly Weight[]
  /** Outputs that are state, for libraries that bind them to a location when a session is opened. */
  readonly stateOutputs: readonly string[]
  readonly close: readonly number[]
}

export type Reply =
  | {
      readonly id: number
      readonly tensors: Readonly<Record<string, Tensor>>
      readonly fallbacks?: Fallbacks | undefined
    }
  | { readonly id: number; readonly error: string }

/** Nodes that ran on the CPU instead of the provider, and the total. */
export interface Fallbacks {
  readonly nodes: number
  readonly of: number
}

/** The worker's first message. */
export interface Ready {
  readonly library: string
  /** The library's name for the device. */
  readonly device?: string
  /** The error, when the library can't be used. */
  readonly error?: string
}

/** The parameters of the worker. */
export interface WorkerSettings {
  readonly threads: number
  /** The cells of the gate that native calls pass. */
  readonly gate: SharedArrayBuffer
}
