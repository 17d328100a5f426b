import { processor } from './cpu-runtime.ts'
import { deviceBackend, supports } from './device.ts'

/** Apple's devices; comes with ONNX Runtime there. */
export const coreml = deviceBackend({
  name: 'coreml',
  title: 'CoreML',
  note: null,
  device: processor,
  accelerated: () => true,
  lacks: () => (supports('coreml') ? undefined : { missing: 'CoreML is a part of macOS', remedy: null }),
  remedy: 'update macOS',
})
