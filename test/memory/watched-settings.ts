import type { WorkerSettings } from '../../electron/engine/runtime/protocol.ts'

/** What a watched thread is told beside what the runtime's own worker wants to know. */
export interface WatchedSettings extends WorkerSettings {
  /** The runtime's worker. */
  readonly worker: string
  /** Runs between two reports. */
  readonly every: number
  readonly kind?: 'wasm'
  readonly provider?: 'webgpu'
}

/** The channel of the reports: TensorFlow's tensors; 0 for other runtimes. */
export const TOLD = 'portolan: what a thread holds'
