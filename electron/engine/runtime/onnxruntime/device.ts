import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import type { Backend, Found } from '../backend.ts'
import { probe } from '../probe.ts'
import type { Runtime } from '../runtime.ts'
import { createThreadedRuntime, workerOf } from '../threaded.ts'
import type { Provider } from './providers.ts'
import './telemetry.ts'

/** The description of one of ONNX Runtime's devices. */
export interface DeviceBackend {
  readonly name: Provider
  readonly title: string
  readonly note: string | null
  /** @param index which of several */
  readonly device: (index?: number) => string
  /** Whether one of several devices can be chosen. */
  readonly several?: boolean
  /** Why it is unavailable, as far as can be determined without starting it, and the remedy. */
  readonly lacks: () => { readonly missing: string; readonly remedy: string | null } | undefined
  /** The remedy when it does not start. */
  readonly remedy: string
  /** Whether it has a separate device. */
  readonly accelerated: () => boolean
}

const require = createRequire(import.meta.url)

/** Whether ONNX Runtime was built with a provider on this system. Its library is large, and loaded by this call. */
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
      const reply = await probe(name)
      if ('error' in reply) return { ...found, missing: reply.error, remedy, accelerated: true }
      return { ...found, ...reply, missing: null, remedy: null, accelerated: backend.accelerated() }
    },
    open: async ({ device } = {}) => {
      if (device !== undefined && device > 0 && !backend.several)
        throw new Error(`ONNX Runtime has one device of ${title} only`)
      return createDeviceRuntime(name, backend.device(device), device)
    },
  }
}

/**
 * ONNX Runtime on a device. One shard: the device parallelises by itself.
 * @throws Error with ONNX Runtime's message where the provider does not start; some report it only at the first load
 */
const createDeviceRuntime = (provider: Provider, device: string, index: number | undefined): Promise<Runtime> =>
  createThreadedRuntime({
    name: provider,
    // For the nodes that run on the CPU.
    threads: Math.max(1, availableParallelism() - 1),
    start: workerOf(new URL('./device.worker.ts', import.meta.url), { provider, index }),
    device,
  })
