import type { Calculus } from '../calculus.ts'
import { byFirst, type Site } from '../rule.ts'
import { averageTransposed, averageWindows } from './average-pool.ts'

/**
 * y[o] = max of x in the window of o; a tie goes to the first in row-major order.
 * Exact, forward: t at that element; reverse: d added to that element. Both are composites, which `lower` writes as
 * masks, because the operator's Indices output is slow on the CPU and missing on other providers.
 *
 * Relaxed, `relaxed-l2`: as if it were s = avg(x²)/q with q = 10⁻² + avg|x| (Building Blocks of Interpretability,
 * Distill 2018), a soft maximum that depends on every element of the window:
 *   forward (2·avg(x·t) − s·avg(sign(x)·t))/q,
 *   reverse 2x·avgᵀ(d/q) − sign(x)·avgᵀ(s·d/q).
 * `relaxed-avg`: as if it were avg. Only the derivative is relaxed, never y.
 */
export const maxPool = byFirst('MaxPool', {
  jvp: (g, at, t) => {
    if (g.options.maxPool === 'relaxed-avg') return average(g, at, t)
    if (g.options.maxPool === 'exact') return g.composite('MaxPoolTangent', [at.x, at.y, t], at.node.attributes)
    const { soft, q, sign } = softMaximum(g, at)
    const rising = g.scale(average(g, at, g.mul(at.x, t)), 2)
    return g.div(g.sub(rising, g.mul(soft, average(g, at, g.mul(sign, t)))), q)
  },
  vjp: (g, at, d) => {
    if (g.options.maxPool === 'relaxed-avg') return averageBack(g, at, d)
    if (g.options.maxPool === 'exact') return g.composite('MaxPoolGrad', [at.x, at.y, d], at.node.attributes)
    const { soft, q, sign } = softMaximum(g, at)
    const share = g.div(d, q)
    const rising = g.mul(g.scale(at.x, 2), averageBack(g, at, share))
    return g.sub(rising, g.mul(sign, averageBack(g, at, g.mul(soft, share))))
  },
})

function softMaximum(g: Calculus, at: Site): { soft: string; q: string; sign: string } {
  const q = g.add(average(g, at, g.node('Abs', [at.x])), g.scalar(1e-2))
  return { soft: g.div(average(g, at, g.mul(at.x, at.x)), q), q, sign: g.node('Sign', [at.x]) }
}

/** The mean over the pool's windows, of the elements in x. */
function average(g: Calculus, at: Site, x: string): string {
  undilated(g, at)
  const { storage_order: _, dilations: __, ...attributes } = at.node.attributes
  return g.node('AveragePool', [x], attributes)
}

function averageBack(g: Calculus, at: Site, d: string): string {
  undilated(g, at)
  return averageTransposed(g, averageWindows(g, at), false, d)
}

function undilated(g: Calculus, at: Site): void {
  if (at.ints('dilations')?.some(dilation => dilation !== 1))
    g.refuse(at.node, 'a dilated pool has no relaxed derivative (the exact one exists)')
}
