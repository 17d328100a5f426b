import { byFirst } from '../rule.ts'

/**
 * LRN across channels: y = x·s^−β, s = k + α/n · Σ_window x².
 * Both modes are composites, so that s is shared with the operator itself; lowering/lrn.ts has the formulas.
 */
export const lrn = byFirst('LRN', {
  jvp: (g, at, t) => g.composite('LRNTangent', [at.x, at.y, t], at.node.attributes),
  vjp: (g, at, d) => g.composite('LRNGrad', [at.x, at.y, d], at.node.attributes),
})
