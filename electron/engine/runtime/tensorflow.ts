import { availableParallelism } from 'node:os'
import { processor } from './onnxruntime.ts'
import type { Runtime } from './runtime.ts'
import { BACKENDS, type BackendKind, installed } from './tensorflow/backend.ts'
import { createThreadedRuntime, workerOf } from './threaded.ts'

export interface TensorflowOptions {
  /** Which of the packages; the best that is installed by default. */
  readonly backend?: BackendKind
  readonly threads?: number
  readonly maxSessions?: number
}

/** Lanes at most: each holds weights of its own. */
const LANES = 4
const LANE_SESSIONS = 3

/** The package that would be used. */
export const tensorflowBackend = (): BackendKind => BACKENDS.find(installed) ?? 'wasm'

/**
 * TensorFlow: on an NVIDIA device, on the processor, or in WebAssembly, as its packages are installed. In Node,
 * WebAssembly has one thread, so that more cores are used by more lanes.
 */
export function createTensorflowRuntime(options: TensorflowOptions = {}): Promise<Runtime> {
  const backend = options.backend ?? tensorflowBackend()
  const cores = options.threads ?? availableParallelism()
  const lanes = backend === 'wasm' ? Math.min(cores, LANES) : 1
  const share = { backend, threads: 1, maxSessions: LANE_SESSIONS }
  return createThreadedRuntime({
    name: 'tensorflow',
    threads: backend === 'native' ? cores : 1,
    maxSessions: options.maxSessions,
    start: workerOf('./tensorflow/worker.ts', { backend }),
    device: backend === 'gpu' ? 'NVIDIA device 0' : processor(),
    ...(lanes > 1 && { lanes: () => Promise.all(Array.from({ length: lanes }, () => createTensorflowRuntime(share))) }),
  })
}
