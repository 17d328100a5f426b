import type { InferenceSession } from 'onnxruntime-node'
import type { WorkerSettings } from '../protocol.ts'

/** ONNX Runtime's execution providers for devices. */
export type Provider = 'cuda' | 'webgpu' | 'dml' | 'coreml'

export interface DeviceSettings extends WorkerSettings {
  readonly provider: Provider
}

/** What ONNX Runtime calls a provider in its reports. */
export const REPORTED: Readonly<Record<Provider, string>> = {
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
}

/** How sessions of a provider are opened. Nodes that it lacks go to the CPU; `placementOf` counts them. */
export const sessionOptions = ({
  provider,
  threads,
}: Pick<DeviceSettings, 'provider' | 'threads'>): InferenceSession.SessionOptions => ({
  executionProviders: [provider, 'cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  // DirectML takes neither parallel execution nor memory patterns.
  executionMode: 'sequential',
  enableMemPattern: false,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
})
