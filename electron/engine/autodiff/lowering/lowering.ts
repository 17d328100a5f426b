import type { Calculus } from '../calculus.ts'
import type { Site } from '../rule.ts'

/** Writes a composite as plain ONNX: appends nodes, and returns the value that stands for the composite's output. */
export type Lowering = (g: Calculus, at: Site) => string
