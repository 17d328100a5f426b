import { resampleBack } from '../resampled.ts'
import { byFirst } from '../rule.ts'

/** y = R·x, by a matrix for each axis: forward R·t; reverse Rᵀ·d. */
export const resize = byFirst('Resize', {
  jvp: (g, at, t) => g.node('Resize', [t, ...at.inputs.slice(1)], at.node.attributes),
  vjp: (g, at, d) => resampleBack(g, at, d),
})
