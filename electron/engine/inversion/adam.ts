import type { GraphBuilder } from '../onnx/builder.ts'

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/**
 * One step of Adam (Kingma and Ba, 2015) uphill, in a graph. The moments are kept without their factors (1 − β), which
 * are folded into the two numbers that change from step to step:
 *   m' = β₁m + g,  v' = β₂v + g²,  x' = x + rate · m' / (spread · √v' + ε)
 */
export function adamGraph(
  g: GraphBuilder,
  values: { readonly x: string; readonly m: string; readonly v: string; readonly gradient: string },
  { rate, spread }: { readonly rate: string; readonly spread: string },
): { readonly x: string; readonly m: string; readonly v: string } {
  const m = g.add(g.mul(values.m, g.scalar(BETA1)), values.gradient)
  const v = g.add(g.mul(values.v, g.scalar(BETA2)), g.mul(values.gradient, values.gradient))
  const divisor = g.add(g.mul(g.sqrt(v), spread), g.scalar(EPSILON))
  return { x: g.add(values.x, g.mul(g.div(m, divisor), rate)), m, v }
}

/** The two numbers of step 1, 2, …: the bias corrections of the moments, and the learning rate. */
export const adamNumbers = (step: number, learningRate: number): { rate: number; spread: number } => ({
  rate: (learningRate * (1 - BETA1)) / (1 - BETA1 ** step),
  spread: Math.sqrt((1 - BETA2) / (1 - BETA2 ** step)),
})
