import { availableParallelism } from 'node:os'
import type { Backend, Found } from '../backend.ts'
import { processor } from '../onnxruntime/cpu.ts'
import { nvidiaDevice } from '../onnxruntime/device-name.ts'
import { probe } from '../probe.ts'
import type { Runtime } from '../runtime.ts'
import { createThreadedRuntime, workerOf } from '../threaded.ts'
import { installedKind, type TensorflowKind } from './packages.ts'

interface TensorflowOptions {
  /** Which of the packages; the best that is installed by default. */
  readonly kind?: TensorflowKind
  readonly threads?: number
  readonly maxSessions?: number
}

/** Maximum number of shards: each has a copy of the weights. */
const MAX_SHARDS = 4
const SHARD_SESSIONS = 3

/**
 * TensorFlow: on an NVIDIA device, on the processor, or in WebAssembly, depending on the installed packages. In Node,
 * WebAssembly has one thread, so several cores need several shards.
 */
function createTensorflowRuntime(options: TensorflowOptions = {}): Promise<Runtime> {
  const kind = options.kind ?? installedKind()
  const cores = options.threads ?? availableParallelism()
  const shards = kind === 'wasm' ? Math.min(cores, MAX_SHARDS) : 1
  const share = { kind, threads: 1, maxSessions: SHARD_SESSIONS }
  return createThreadedRuntime({
    name: 'tensorflow',
    threads: kind === 'native' ? cores : 1,
    maxSessions: options.maxSessions,
    start: workerOf(new URL('./worker.ts', import.meta.url), { kind }),
    device: kind === 'gpu' ? (nvidiaDevice() ?? 'NVIDIA device 0') : processor(),
    ...(shards > 1 && {
      shards: () => Promise.all(Array.from({ length: shards }, () => createTensorflowRuntime(share))),
    }),
  })
}

const TITLES: Readonly<Record<TensorflowKind, string>> = {
  gpu: 'TensorFlow (NVIDIA)',
  native: 'TensorFlow (processor)',
  wasm: 'TensorFlow (wasm)',
}
const LIBTENSORFLOW = 'libtensorflow 2.9.1, which requires CUDA 11.2 and cuDNN 8.1'

/** How to install a faster package. */
function better(kind: TensorflowKind): string | null {
  if (kind === 'gpu') return null
  const gpu = `npm install --no-save --ignore-scripts=false @tensorflow/tfjs-node-gpu@4.22.0 installs the package for NVIDIA devices (${LIBTENSORFLOW})`
  return kind === 'native' ? gpu : `${gpu}, @tensorflow/tfjs-node@4.22.0 the package for processors`
}

export const tensorflow: Backend = {
  name: 'tensorflow',
  find: async (): Promise<Found> => {
    const kind = installedKind()
    const found = {
      name: 'tensorflow',
      title: TITLES[kind],
      note: kind === 'wasm' ? null : `its library is ${LIBTENSORFLOW}`,
      accelerated: kind === 'gpu',
    } as const
    const reply = await probe('tensorflow')
    if ('error' in reply) {
      const remedy = `npm uninstall ${kind === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'} returns to WebAssembly`
      return { ...found, library: null, device: null, missing: reply.error, remedy: kind === 'wasm' ? null : remedy }
    }
    return { ...found, ...reply, missing: null, remedy: better(kind) }
  },
  open: ({ threads } = {}) => createTensorflowRuntime(threads === undefined ? {} : { threads }),
}
