import type { Calculus } from '../calculus.ts'
import { byFirst, type Rule, type Site, type Term } from '../rule.ts'

/** The cotangent of one input of an operator that broadcasts: a term in y's shape, summed to the input's. */
const reduced = (g: Calculus, at: Site, input: number, term: () => string): Term =>
  at.active(input) ? g.unbroadcast(term(), at.y, at.inputs[input]!) : undefined

/** A tangent of one input, in y's shape. */
const raised = (g: Calculus, at: Site, input: number, t: Term): Term => t && g.broadcast(t, at.inputs[input]!, at.y)

/** Sum of two terms in y's shape, either of which may be zero. Add broadcasts implicitly. */
const sum = (g: Calculus, at: Site, ta: Term, tb: Term): Term =>
  ta && tb ? g.add(ta, tb) : (raised(g, at, 0, ta) ?? raised(g, at, 1, tb))

/** y = a + b */
const add: Rule = {
  op: 'Add',
  jvp: (g, at, [ta, tb]) => [sum(g, at, ta, tb)],
  vjp: (g, at, [d]) => [0, 1].map(input => d && reduced(g, at, input, () => d)),
}

/** y = a − b */
const sub: Rule = {
  op: 'Sub',
  jvp: (g, at, [ta, tb]) => [ta && tb ? g.sub(ta, tb) : sum(g, at, ta, tb && g.neg(tb))],
  vjp: (g, at, [d]) => [d && reduced(g, at, 0, () => d), d && reduced(g, at, 1, () => g.neg(d))],
}

/** y = a·b: t = ta·b + a·tb; da = d·b, db = d·a. A product with the other factor has y's shape already. */
const mul: Rule = {
  op: 'Mul',
  jvp: (g, { inputs: [a, b] }, [ta, tb]) => [
    g.sum([ta && g.mul(ta, b!), tb && g.mul(a!, tb)].filter(t => t !== undefined)),
  ],
  vjp: (g, at, [d]) => {
    const [a, b] = at.inputs
    return [d && reduced(g, at, 0, () => g.mul(d, b!)), d && reduced(g, at, 1, () => g.mul(d, a!))]
  },
}

/** y = a/b: t = (ta − y·tb)/b; da = d/b, db = −y·d/b. */
const div: Rule = {
  op: 'Div',
  jvp: (g, { inputs: [, b], y }, [ta, tb]) => {
    const below = tb && g.mul(y, tb)
    return [below ? g.div(ta ? g.sub(ta, below) : g.neg(below), b!) : ta && g.div(ta, b!)]
  },
  vjp: (g, at, [d]) => {
    if (!d) return []
    const quotient = g.div(d, at.inputs[1]!)
    return [reduced(g, at, 0, () => quotient), reduced(g, at, 1, () => g.neg(g.mul(at.y, quotient)))]
  },
}

/** y = xᵖ with a constant exponent: p·xᵖ⁻¹. */
const power = (g: Calculus, at: Site, t: string): string => {
  const exponent = g.constant(at.inputs[1]!)
  const p = Number(exponent?.data[0])
  if (exponent?.data.length !== 1) g.refuse(at.node, 'its exponent is not one constant number')
  if (p === 1) return t
  const slope = p === 2 ? at.x : p === 0.5 ? g.reciprocal(at.y) : g.pow(at.x, p - 1)
  return g.mul(t, g.scale(slope, p))
}
const pow: Rule = byFirst('Pow', {
  jvp: power,
  vjp: power,
})

/** y = Σ inputs */
const sumOf: Rule = {
  op: 'Sum',
  jvp: (g, at, tangents) => {
    const terms = tangents.flatMap((t, input) => (t ? [raised(g, at, input, t)!] : []))
    return [g.sum(terms)]
  },
  vjp: (g, at, [d]) => at.inputs.map((_, input) => d && reduced(g, at, input, () => d)),
}

/**
 * y = the elementwise maximum or minimum of several values; a tie goes to the first. Each input takes its elements from
 * the remainder of the inputs before it.
 */
const extreme = (op: 'Max' | 'Min'): Rule => ({
  op,
  jvp: (g, at, tangents) => {
    const zero = g.scalar(0)
    const last = tangents.findLastIndex(t => t)
    // A last input that is not active needs no mask, as all before it have one.
    const others = last === at.inputs.length - 1 ? raised(g, at, last, tangents[last])! : zero
    const masked = last === at.inputs.length - 1 ? tangents.slice(0, last) : tangents.slice(0, last + 1)
    return [
      masked.reduceRight(
        (rest: string, t, input) => g.where(g.equal(at.inputs[input]!, at.y), t ?? zero, rest),
        others,
      ),
    ]
  },
  vjp: (g, at, [d]) => {
    if (!d) return []
    const last = at.inputs.findLastIndex((_, input) => at.active(input))
    let rest = d
    return at.inputs.slice(0, last + 1).map((x, input) => {
      const left = rest
      if (input === at.inputs.length - 1) return reduced(g, at, input, () => left)
      const taken = g.equal(x, at.y)
      if (input < last) rest = g.except(taken, left)
      return reduced(g, at, input, () => g.only(taken, left))
    })
  },
})

/** y = a where the condition is true, else b. */
const where: Rule = {
  op: 'Where',
  jvp: (g, at, [, ta, tb]) => {
    const zero = g.scalar(0)
    return [g.where(at.inputs[0]!, raised(g, at, 1, ta) ?? zero, raised(g, at, 2, tb) ?? zero)]
  },
  vjp: (g, at, [d]) => {
    const condition = at.inputs[0]!
    return [
      undefined,
      d && reduced(g, at, 1, () => g.only(condition, d)),
      d && reduced(g, at, 2, () => g.except(condition, d)),
    ]
  },
}

/** Elementwise operators of several values that broadcast against each other. */
export const arithmetic: readonly Rule[] = [add, sub, mul, div, pow, sumOf, extreme('Max'), extreme('Min'), where]
