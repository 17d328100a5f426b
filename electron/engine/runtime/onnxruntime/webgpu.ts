import { deviceBackend, supports } from './device.ts'
import { isSoftware, webgpuDevice } from './device-name.ts'

/** Any graphics device with Vulkan, Direct3D 12 or Metal; comes with ONNX Runtime. */
export const webgpu = deviceBackend({
  name: 'webgpu',
  title: 'WebGPU',
  note: null,
  device: webgpuDevice,
  accelerated: () => !isSoftware(),
  lacks: () =>
    supports('webgpu') ? undefined : { missing: 'ONNX Runtime has no WebGPU for this system', remedy: null },
  remedy:
    process.platform === 'linux'
      ? "install libvulkan1 and the device's Vulkan driver (mesa-vulkan-drivers, or NVIDIA's)"
      : "update the graphics device's driver",
})
