import { byFirst } from '../rule.ts'

/**
 * LRN across channels: y = x·s^−β, s = k + α/n · Σ_window x².
 * Both ways are composites, for s is worth sharing with the operator itself: the formulas stand in lowering/lrn.ts.
 */
export const lrn = byFirst('LRN', {
  jvp: (g, at, t) => g.composite('LRNTangent', [at.x, at.y, t], at.node.attributes),
  vjp: (g, at, d) => g.composite('LRNGrad', [at.x, at.y, d], at.node.attributes),
})
