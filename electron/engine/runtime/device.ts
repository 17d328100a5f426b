import { availableParallelism } from 'node:os'
import { listSupportedBackends } from 'onnxruntime-node'
import { nvidiaDevice, webgpuDevice } from './device-name.ts'
import { processor } from './onnxruntime.ts'
import type { Provider } from './providers.ts'
import type { Runtime } from './runtime.ts'
import { createThreadedRuntime, workerOf } from './threaded.ts'

const DEVICES: Readonly<Record<Provider, () => string>> = {
  cuda: () => nvidiaDevice() ?? 'CUDA device 0',
  webgpu: webgpuDevice,
  dml: () => 'the first DirectX 12 device',
  coreml: processor,
}

/** Whether ONNX Runtime was built with a provider on this system. */
export const supports = (provider: Provider): boolean => listSupportedBackends().some(({ name }) => name === provider)

/**
 * ONNX Runtime on a device. One lane: the device is shared out by itself.
 * @throws Error with ONNX Runtime's words where the provider does not start; some only do at the first load
 */
export const createDeviceRuntime = (
  provider: Provider,
  options: { readonly maxSessions?: number } = {},
): Promise<Runtime> =>
  createThreadedRuntime({
    name: provider,
    // Of the nodes that are left to the CPU.
    threads: Math.max(1, availableParallelism() - 1),
    maxSessions: options.maxSessions,
    start: workerOf('./ort-device.worker.ts', { provider }),
    device: DEVICES[provider](),
  })
