import type { Calculus } from '../calculus.ts'
import type { Site } from '../rule.ts'

/** Replaces a composite by standard ONNX: appends nodes, and returns the value that replaces the composite's output. */
export type Lowering = (g: Calculus, at: Site) => string
