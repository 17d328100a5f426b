import type { Backend } from './backend.ts'
import { cpu } from './onnxruntime/cpu.ts'
import { deviceBackends } from './onnxruntime/devices.ts'
import { tensorflow } from './tensorflow/backend.ts'

/** All backends. The CPU is always available, and is the reference. */
export const BACKENDS: readonly Backend[] = [cpu, ...deviceBackends, tensorflow]
