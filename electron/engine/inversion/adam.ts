import type { Inversion, Optimizer } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'

/** Adam as published (Kingma and Ba, 2015). */
const PLAIN = { betas: [0.9, 0.999], epsilon: 1e-8 } as const
/** Avoids a division by 0 for a gradient of zeros. */
const TINY = 1e-30

/**
 * One ascending step of Adam, in a graph. The moments are stored without their factors (1 − β), which are folded into
 * the numbers that change from step to step:
 *   m' = β₁m + g,  v' = β₂v + g²,  x' = (x + rate · m' / (secondMomentScale · √v' + ε)) · keep
 * With `optimizer`, g is first divided by its root mean square over an icon, so that ε is relative to it: ε → 0 changes
 * all frequencies equally (grey noise), ε → ∞ is gradient ascent with momentum (smooth); useful values are between.
 */
export function adamGraph(
  g: GraphBuilder,
  values: { readonly x: string; readonly m: string; readonly v: string; readonly gradient: string },
  numbers: { readonly rate: string; readonly secondMomentScale: string; readonly keep: string },
  {
    optimizer,
    icons,
    rows,
  }: { readonly optimizer?: Optimizer | undefined; readonly icons: number; readonly rows: number },
): { readonly x: string; readonly m: string; readonly v: string } {
  const { betas, epsilon } = optimizer ?? PLAIN
  const gradient = optimizer ? normalised(g, values.gradient, icons, rows) : values.gradient
  const m = g.add(g.mul(values.m, g.scalar(betas[0])), gradient)
  const v = g.add(g.mul(values.v, g.scalar(betas[1])), g.mul(gradient, gradient))
  const divisor = g.add(g.mul(g.sqrt(v), numbers.secondMomentScale), g.scalar(epsilon))
  const x = g.add(values.x, g.mul(g.div(m, divisor), numbers.rate))
  return { x: optimizer ? g.mul(x, numbers.keep) : x, m, v }
}

/** A gradient [2·size, size/2+1, 3N] divided by its root mean square over each icon. @param rows 2·size · (size/2+1) */
function normalised(g: GraphBuilder, gradient: string, icons: number, rows: number): string {
  const squares = g.reduceSum(g.reshape(g.mul(gradient, gradient), [rows, 3 * icons]), [0], false)
  const perIcon = g.reduceSum(g.reshape(squares, [icons, 3]), [1], true)
  const scale = g.sqrt(g.add(g.mul(perIcon, g.scalar(1 / (3 * rows))), g.scalar(TINY)))
  const each = g.reshape(g.node('Expand', [scale, g.integers([icons, 3])]), [3 * icons])
  return g.div(gradient, each)
}

/** The numbers of step 1, 2, …: bias corrections, learning rate and decay. */
export function adamNumbers(
  step: number,
  { learningRate, steps, optimizer }: Pick<Inversion, 'learningRate' | 'steps' | 'optimizer'>,
): { rate: number; secondMomentScale: number; keep: number } {
  const [beta1, beta2] = (optimizer ?? PLAIN).betas
  const rate = optimizer ? learningRate * scheduled(step - 1, steps, optimizer) : learningRate
  // A relative epsilon shortens every step by 1 + ε where the gradient has its average magnitude.
  const length = optimizer ? 1 + optimizer.epsilon : 1
  return {
    rate: (length * rate * (1 - beta1)) / (1 - beta1 ** step),
    secondMomentScale: Math.sqrt((1 - beta2) / (1 - beta2 ** step)),
    keep: optimizer ? 1 - optimizer.decay * rate : 1,
  }
}

/** The factor of the learning rate at a step, from 0: linear warm-up, then cosine decay to the floor. */
const scheduled = (step: number, steps: number, { warmup, floor }: Optimizer): number =>
  Math.min(1, (step + 1) / Math.max(1, warmup)) * (0.5 * (1 + Math.cos((Math.PI * step) / steps)) * (1 - floor) + floor)
