import { resample } from '../resampled.ts'
import type { Lowering } from './lowering.ts'

/**
 * Resize as products with constant matrices, or as repetitions: runtimes differ from the standard and from each other in its
 * modes, and none has all of them.
 */
export const resize: Lowering = (g, at) => resample(g, at, at.x)
