import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { processor } from './cpu.ts'
import { type DeviceBackend, deviceBackend, supports } from './device.ts'
import { isSoftware, nvidiaDevice, webgpuDevice } from './device-name.ts'

/** The part of ONNX Runtime that is too large for its package. */
export const cudaProviderFile = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`,
  )

/** What is particular about each of ONNX Runtime's execution providers for devices, the preferred first. */
const DEVICES: readonly DeviceBackend[] = [
  /** NVIDIA's devices, on Linux. */
  {
    name: 'cuda',
    title: 'CUDA',
    note: 'requires CUDA 12 and cuDNN 9',
    device: (index = 0) => nvidiaDevice(index) ?? `CUDA device ${index}`,
    several: true,
    accelerated: () => true,
    lacks: () => {
      if (!supports('cuda')) return { missing: 'ONNX Runtime has CUDA for Linux x64 only', remedy: null }
      if (!existsSync(cudaProviderFile()))
        return {
          missing: 'the CUDA part of ONNX Runtime is not installed',
          remedy: 'npm run cuda downloads it; it requires CUDA 12 and cuDNN 9',
        }
      if (nvidiaDevice() === undefined)
        return { missing: 'no NVIDIA driver is loaded', remedy: "install NVIDIA's driver, then start again" }
      return undefined
    },
    remedy: 'install CUDA 12 and cuDNN 9, and name their folders in LD_LIBRARY_PATH',
  },
  /** Any graphics device with Vulkan, Direct3D 12 or Metal; comes with ONNX Runtime. */
  {
    name: 'webgpu',
    title: 'WebGPU',
    note: null,
    device: () => webgpuDevice(),
    accelerated: () => !isSoftware(),
    lacks: () =>
      supports('webgpu') ? undefined : { missing: 'ONNX Runtime has no WebGPU for this system', remedy: null },
    remedy:
      process.platform === 'linux'
        ? "install libvulkan1 and the device's Vulkan driver (mesa-vulkan-drivers, or NVIDIA's)"
        : "update the graphics device's driver",
  },
  /** Any graphics device on Windows; comes with ONNX Runtime there. */
  {
    name: 'dml',
    title: 'DirectML',
    note: null,
    device: (index = 0) => (index === 0 ? 'the first DirectX 12 device' : `DirectX 12 device ${index}`),
    several: true,
    accelerated: () => true,
    lacks: () => (supports('dml') ? undefined : { missing: 'DirectML is a part of Windows', remedy: null }),
    remedy: "update the graphics device's driver",
  },
  /** Apple's devices; comes with ONNX Runtime there. */
  {
    name: 'coreml',
    title: 'CoreML',
    note: null,
    device: () => processor(),
    accelerated: () => true,
    lacks: () => (supports('coreml') ? undefined : { missing: 'CoreML is a part of macOS', remedy: null }),
    remedy: 'update macOS',
  },
]

export const deviceBackends = DEVICES.map(deviceBackend)
