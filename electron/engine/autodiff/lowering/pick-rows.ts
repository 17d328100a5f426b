import type { Lowering } from './lowering.ts'

/** Rows of x with one of zeros after the last, gathered. */
export const pickRows: Lowering = (g, at) => g.node('Gather', [g.pad(at.x, [0, 0, 1, 0]), at.inputs[1]!])
