import type { Backend } from './backend.ts'
import { coreml } from './coreml.ts'
import { cpu } from './cpu.ts'
import { cuda } from './cuda.ts'
import { dml } from './dml.ts'
import { tensorflow } from './tensorflow.ts'
import { webgpu } from './webgpu.ts'

/** Every way to run graphs that this Portolan knows. The CPU is always there: its numbers decide. */
export const BACKENDS: readonly Backend[] = [cpu, cuda, webgpu, dml, coreml, tensorflow]
