import { type Rule, symmetric } from '../rule.ts'

/**
 * Functions of one number, applied to each element: y = f(x). The Jacobian is diagonal, so both modes are
 * t ↦ f′(x)·t. Slopes are computed from y where possible: x need not be kept, and the runtime can fuse a
 * convolution with its activation.
 */
export const elementwise: readonly Rule[] = [
  symmetric('Neg', (g, _, t) => g.neg(t)),
  // 1/(2√x)
  symmetric('Sqrt', (g, { y }, t) => g.div(g.scale(t, 0.5), y)),
  symmetric('Exp', (g, { y }, t) => g.mul(t, y)),
  symmetric('Log', (g, { x }, t) => g.div(t, x)),
  symmetric('Abs', (g, { x }, t) => g.mul(t, g.node('Sign', [x]))),
  // −1/x²
  symmetric('Reciprocal', (g, { y }, t) => g.neg(g.mul(t, g.mul(y, y)))),
  symmetric('Sin', (g, { x }, t) => g.mul(t, g.node('Cos', [x]))),
  symmetric('Cos', (g, { x }, t) => g.neg(g.mul(t, g.node('Sin', [x])))),
  // 2/√π · exp(−x²)
  symmetric('Erf', (g, { x }, t) => g.mul(t, g.scale(g.exp(g.neg(g.mul(x, x))), 2 / Math.sqrt(Math.PI)))),
  // y(1 − y)
  symmetric('Sigmoid', (g, { y }, t) => g.mul(t, g.mul(y, g.sub(g.scalar(1), y)))),
  // 1 − y²
  symmetric('Tanh', (g, { y }, t) => g.mul(t, g.sub(g.scalar(1), g.mul(y, y)))),
  // y = log(1 + eˣ)
  symmetric('Softplus', (g, { x }, t) => g.mul(t, g.node('Sigmoid', [x]))),
  // y = x/(1 + |x|): 1/(1 + |x|)²
  symmetric('Softsign', (g, { x }, t) => {
    const q = g.add(g.node('Abs', [x]), g.scalar(1))
    return g.div(t, g.mul(q, q))
  }),
]
