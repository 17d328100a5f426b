import { deviceBackend, supports } from './device.ts'

/** Any graphics device on Windows; comes with ONNX Runtime there. */
export const dml = deviceBackend({
  name: 'dml',
  title: 'DirectML',
  note: null,
  device: () => 'the first DirectX 12 device',
  accelerated: () => true,
  lacks: () => (supports('dml') ? undefined : { missing: 'DirectML is a part of Windows', remedy: null }),
  remedy: "update the graphics device's driver",
})
