import type { InferenceSession } from 'onnxruntime-node'
import type { WorkerSettings } from '../protocol.ts'

/** ONNX Runtime's execution providers for devices. */
export type Provider = 'cuda' | 'webgpu' | 'dml' | 'coreml'

export interface DeviceSettings extends WorkerSettings {
  readonly provider: Provider
  /** Which of several devices; the provider's default where it is undefined. */
  readonly index?: number | undefined
}

/** ONNX Runtime's names of providers in its reports. */
export const REPORTED: Readonly<Record<Provider, string>> = {
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  dml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
}

/** The session options of a provider. Nodes that it does not support run on the CPU; `placementOf` counts them. */
export const sessionOptions = ({
  provider,
  threads,
  index,
}: Pick<DeviceSettings, 'provider' | 'threads' | 'index'>): InferenceSession.SessionOptions => ({
  executionProviders: [index === undefined ? provider : { name: provider, deviceId: index }, 'cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  // DirectML supports neither parallel execution nor memory patterns.
  executionMode: 'sequential',
  enableMemPattern: false,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
})
