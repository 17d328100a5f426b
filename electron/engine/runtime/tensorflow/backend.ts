import { availableParallelism } from 'node:os'
import type { Backend, Found } from '../backend.ts'
import { processor } from '../onnxruntime/cpu.ts'
import { nvidiaDevice } from '../onnxruntime/device-name.ts'
import { probe } from '../probe.ts'
import type { Runtime } from '../runtime.ts'
import { createThreadedRuntime, workerOf } from '../threaded.ts'
import { installedKind, PACKAGES, type TensorflowKind } from './packages.ts'

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
  // Its notes on the processor, a dozen lines at every start; errors are still printed.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
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
const NOTES: Readonly<Record<TensorflowKind, string | null>> = {
  gpu: 'its library is libtensorflow 2.9.1, which requires CUDA 11.2 and cuDNN 8.1',
  native: null,
  wasm: null,
}

const installation = (kind: TensorflowKind): string =>
  `npm install --no-save --ignore-scripts=false ${PACKAGES[kind]}@4.22.0`

/** How to install a faster package. */
function better(kind: TensorflowKind): string | null {
  if (kind === 'gpu') return null
  const gpu = `${installation('gpu')} installs the package for NVIDIA devices (libtensorflow 2.9.1, which requires CUDA 11.2 and cuDNN 8.1)`
  return kind === 'native' ? gpu : `${gpu}, ${PACKAGES.native}@4.22.0 the package for processors`
}

/** What to do where the package in use does not start. */
function repair(kind: TensorflowKind): string | null {
  if (kind === 'wasm') return null
  const back = `npm uninstall ${PACKAGES[kind]} returns to WebAssembly`
  return kind === 'gpu' ? `install CUDA 11.2 and cuDNN 8.1, and name their folders in LD_LIBRARY_PATH; ${back}` : back
}

export const tensorflow: Backend = {
  name: 'tensorflow',
  find: async (): Promise<Found> => {
    const kind = installedKind()
    const found = {
      name: 'tensorflow',
      title: TITLES[kind],
      note: NOTES[kind],
      accelerated: kind === 'gpu',
    } as const
    const reply = await probe('tensorflow')
    if ('error' in reply) return { ...found, library: null, device: null, missing: reply.error, remedy: repair(kind) }
    return { ...found, ...reply, missing: null, remedy: better(kind) }
  },
  open: ({ threads } = {}) => createTensorflowRuntime(threads === undefined ? {} : { threads }),
}
