import type { Backend } from './backend.ts'
import { coreml } from './onnxruntime/coreml.ts'
import { cpu } from './onnxruntime/cpu.ts'
import { cuda } from './onnxruntime/cuda.ts'
import { dml } from './onnxruntime/dml.ts'
import { webgpu } from './onnxruntime/webgpu.ts'
import { tensorflow } from './tensorflow/backend.ts'

/** Every way to run graphs that this Portolan knows. The CPU is always there: its numbers decide. */
export const BACKENDS: readonly Backend[] = [cpu, cuda, webgpu, dml, coreml, tensorflow]
