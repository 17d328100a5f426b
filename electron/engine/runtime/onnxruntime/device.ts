import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import type { Backend, Found } from '../backend.ts'
import { probe } from '../probe.ts'
import type { Runtime } from '../runtime.ts'
import { createThreadedRuntime, workerOf } from '../threaded.ts'
import type { Provider } from './providers.ts'
import './telemetry.ts'

/** What is particular about one of ONNX Runtime's devices. */
export interface DeviceBackend {
  readonly name: Provider
  readonly title: string
  readonly note: string | null
  readonly device: () => string
  /** Why it cannot be here, as far as can be seen without starting it, and what would help. */
  readonly lacks: () => { readonly missing: string; readonly remedy: string | null } | undefined
  /** What helps when it does not start. */
  readonly remedy: string
  /** Whether it has a device of its own. */
  readonly accelerated: () => boolean
}

const require = createRequire(import.meta.url)

/** Whether ONNX Runtime was built with a provider on this system. Its library is large, and loaded when that is asked. */
export const supports = (provider: Provider): boolean => {
  const { listSupportedBackends } = require('onnxruntime-node') as typeof import('onnxruntime-node')
  return listSupportedBackends().some(({ name }) => name === provider)
}

export const deviceBackend = (backend: DeviceBackend): Backend => {
  const { name, title, note, lacks, remedy } = backend
  const found = { name, title, note, library: null, device: null }
  return {
    name,
    find: async (): Promise<Found> => {
      const lack = lacks()
      if (lack) return { ...found, ...lack, accelerated: true }
      const told = await probe(name)
      if ('error' in told) return { ...found, missing: told.error, remedy, accelerated: true }
      return { ...found, ...told, missing: null, remedy: null, accelerated: backend.accelerated() }
    },
    open: () => createDeviceRuntime(name, backend.device()),
  }
}

/**
 * ONNX Runtime on a device. One lane: the device shares itself out.
 * @throws Error with ONNX Runtime's words where the provider does not start; some only do at the first load
 */
const createDeviceRuntime = (provider: Provider, device: string): Promise<Runtime> =>
  createThreadedRuntime({
    name: provider,
    // Of the nodes that are left to the CPU.
    threads: Math.max(1, availableParallelism() - 1),
    start: workerOf(new URL('./device.worker.ts', import.meta.url), { provider }),
    device,
  })
