import type { Backend } from './backend.ts'
import { cpu } from './onnxruntime/cpu.ts'
import { deviceBackends } from './onnxruntime/devices.ts'
import { tensorflow } from './tensorflow/backend.ts'

/** Every way to run graphs that this Portolan knows. The CPU is always there: its numbers decide. */
export const BACKENDS: readonly Backend[] = [cpu, ...deviceBackends, tensorflow]
