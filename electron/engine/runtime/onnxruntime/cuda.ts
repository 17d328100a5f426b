import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { deviceBackend, supports } from './device.ts'
import { nvidiaDevice } from './device-name.ts'

/** The part of ONNX Runtime that is too large for its package. */
const providerFile = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`,
  )

/** NVIDIA's devices, on Linux. */
export const cuda = deviceBackend({
  name: 'cuda',
  title: 'CUDA',
  note: 'wants CUDA 12 and cuDNN 9',
  device: () => nvidiaDevice() ?? 'CUDA device 0',
  accelerated: () => true,
  lacks: () => {
    if (!supports('cuda')) return { missing: 'ONNX Runtime has CUDA for Linux x64 only', remedy: null }
    if (!existsSync(providerFile()))
      return {
        missing: 'the CUDA part of ONNX Runtime is not installed',
        remedy: 'npm run cuda downloads it; CUDA 12 and cuDNN 9 must be there',
      }
    if (nvidiaDevice() === undefined)
      return { missing: 'no NVIDIA driver is loaded', remedy: "install NVIDIA's driver, then start again" }
    return undefined
  },
  remedy: 'install CUDA 12 and cuDNN 9, and name their folders in LD_LIBRARY_PATH',
})
