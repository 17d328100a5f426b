import { axisOf } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site, symmetric } from '../rule.ts'

/** Σ over the axis that the operator normalises. */
const total = (g: Calculus, at: Site, x: string): string =>
  g.reduceSum(x, [axisOf(at.int('axis', -1), g.rank(at.x))], true)

/** y = eˣ/Σeˣ: J = diag(y) − y·yᵀ, symmetric: y·(t − Σ y·t). */
const softmax = symmetric('Softmax', (g, at, t) => g.mul(at.y, g.sub(t, total(g, at, g.mul(at.y, t)))))

/** y = x − log Σeˣ: J = I − 1·pᵀ with p = eʸ. Forward: t − Σ p·t. Reverse: d − p·Σ d. */
const logSoftmax = byFirst('LogSoftmax', {
  jvp: (g, at, t) => g.sub(t, total(g, at, g.mul(g.exp(at.y), t))),
  vjp: (g, at, d) => g.sub(d, g.mul(g.exp(at.y), total(g, at, d))),
})

export const softmaxes: readonly Rule[] = [softmax, logSoftmax]
