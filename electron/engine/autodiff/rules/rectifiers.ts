import { float } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site, symmetric } from '../rule.ts'

const positive = (g: Calculus, x: string): string => g.greater(x, g.scalar(0))

/** A slope that maps every significant positive activation to 1. */
const STEEP = 1e30

/** t where y > 0, y ≥ 0. The mask is a steep ramp: one pass over memory, where a comparison and a cast are two. */
const whereActive = (g: Calculus, y: string, t: string): string =>
  g.mul(t, g.node('HardSigmoid', [y], { alpha: float(STEEP), beta: float(0) }))

/**
 * y = max(x, 0): t where y > 0.
 *
 * Redirected (lucid, Olah et al. 2017; reverse mode only, while a switch is on): where the gradient
 * is zero for a complete element of the batch, the cotangent passes, except where x < 0 and an ascending step would
 * push
 * it lower (d < 0).
 */
const relu: Rule = byFirst('Relu', {
  jvp: (g, { y }, t) => whereActive(g, y, t),
  vjp: (g, at, d) => {
    const exact = whereActive(g, at.y, d)
    const { relu } = g.options
    if (relu === 'exact') return exact
    const others = g.shape(at.x).flatMap((_, axis) => (axis > 0 ? [axis] : []))
    const passed = g.reduceSum(g.node('Abs', [exact]), others, true)
    const zeroGradient = g.both(relu.redirectedWhile, g.equal(passed, g.scalar(0)))
    const pushedLower = g.both(g.less(at.x, g.scalar(0)), g.less(d, g.scalar(0)))
    return g.where(zeroGradient, g.except(pushedLower, d), exact)
  },
})

/** y = x above 0, αx below. For α > 0 the sign of y is the sign of x. */
const leakyRelu: Rule = symmetric('LeakyRelu', (g, at, t) => {
  const alpha = at.float('alpha', 0.01)
  return g.where(positive(g, alpha > 0 ? at.y : at.x), t, g.scale(t, alpha))
})

/** As LeakyRelu, with a slope for each channel. */
const pRelu: Rule = symmetric('PRelu', (g, at, t) => g.where(positive(g, at.x), t, g.mul(t, at.inputs[1]!)))

/** y = x above 0, α(eˣ − 1) below: there y′ = y + α. */
const elu: Rule = symmetric('Elu', (g, at, t) => {
  const below = g.add(at.y, g.scalar(at.float('alpha', 1)))
  return g.where(positive(g, at.x), t, g.mul(t, below))
})

/** y = γx above 0, γα(eˣ − 1) below: there y′ = y + γα. */
const selu: Rule = symmetric('Selu', (g, at, t) => {
  const [alpha, gamma] = [at.float('alpha', 1.6732632423543772), at.float('gamma', 1.0507009873554805)]
  return g.where(positive(g, at.x), g.scale(t, gamma), g.mul(t, g.add(at.y, g.scalar(gamma * alpha))))
})

/** t where low < y < high: where y is between its bounds, x is. */
const within = (g: Calculus, y: string, low: string | undefined, high: string | undefined, t: string): string => {
  const conditions = [...(low ? [g.greater(y, low)] : []), ...(high ? [g.less(y, high)] : [])]
  return conditions.length === 0 ? t : g.only(conditions.reduce(g.both), t)
}

/** y = min(max(x, low), high); either bound is optional. */
const clip: Rule = symmetric('Clip', (g, at, t) => within(g, at.y, at.inputs[1], at.inputs[2], t))

/** y = αx + β between 0 and 1. */
const hardSigmoid: Rule = symmetric('HardSigmoid', (g, at, t) =>
  within(g, at.y, g.scalar(0), g.scalar(1), g.scale(t, at.float('alpha', 0.2))),
)

/** y = x·min(max(x/6 + ½, 0), 1): 0 below −3, x/3 + ½ between, 1 above 3. */
const hardSwish: Rule = symmetric('HardSwish', (g, at: Site, t) => {
  const between = g.mul(t, g.add(g.scale(at.x, 1 / 3), g.scalar(0.5)))
  const below = g.less(at.x, g.scalar(-3))
  return g.where(g.greater(at.x, g.scalar(3)), t, g.except(below, between))
})

/** Piecewise functions of one number. At a kink the slope is the one from below, as is usual for ReLU. */
export const rectifiers: readonly Rule[] = [relu, leakyRelu, pRelu, elu, selu, clip, hardSigmoid, hardSwish]
