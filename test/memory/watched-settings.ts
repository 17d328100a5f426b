import type { WorkerSettings } from '../../electron/engine/runtime/protocol.ts'
import type { TensorflowKind } from '../../electron/engine/runtime/tensorflow/packages.ts'

/** Settings of a watched thread, in addition to those of the runtime's own worker. */
export interface WatchedSettings extends WorkerSettings {
  /** The runtime's worker. */
  readonly worker: string
  /** Runs between two reports. */
  readonly every: number
  readonly kind?: TensorflowKind
  readonly provider?: 'webgpu'
}

/** The channel of the reports: TensorFlow's tensors; 0 for other runtimes. */
export const REPORTS = 'portolan: what a thread holds'
