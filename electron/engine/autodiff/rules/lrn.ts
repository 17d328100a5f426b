import { float32 } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { byFirst, type Site } from '../rule.ts'

/**
 * LRN across channels: y = x·s^−β, s = k + α/n · Σ_window x².
 * Forward: t·s^−β − 2αβ/n · (y/s) · Σ_window (x·t).
 * Reverse: d·s^−β − 2αβ/n · x · Σ_window′ (y/s·d): the power moves inside the window, and the window is turned round
 * (channel c sees d when d's channel sees c), which matters for an even n.
 * Window sums are 1×1 convolutions with a banded matrix: the operator's own kernel is slow, and missing on some
 * providers.
 */
export const lrn = byFirst('LRN', {
  jvp: (g, at, t) => {
    const { power, ratio, slope, window } = parts(g, at)
    const inWindow = window(g.mul(at.x, t), slope, false)
    return g.sub(g.mul(t, power), g.mul(ratio, inWindow))
  },
  vjp: (g, at, d) => {
    const { power, ratio, slope, window } = parts(g, at)
    const inWindow = window(g.mul(ratio, d), slope, true)
    return g.sub(g.mul(d, power), g.mul(at.x, inWindow))
  },
})

/** power = s^−β, ratio = y/s, slope = 2αβ/n, and factor·Σ over the window (or the window turned round) of a value. */
function parts(g: Calculus, at: Site) {
  const channels = g.shape(at.x)[1]
  if (typeof channels !== 'number') g.refuse(at.node, 'its number of channels is unknown')
  const size = at.int('size') ?? g.refuse(at.node, 'it has no size')
  const [alpha, beta, k] = [at.float('alpha', 1e-4), at.float('beta', 0.75), at.float('bias', 1)]
  const ones = g.rank(at.x) - 2
  const window = (v: string, factor: number, turnedRound: boolean, bias?: number): string => {
    const matrix = g.shared(band(channels, size, factor, turnedRound, ones))
    const offset = bias === undefined ? [] : [g.shared(float32([channels], new Float32Array(channels).fill(bias)))]
    return g.node('Conv', [v, matrix, ...offset])
  }
  const s = window(g.mul(at.x, at.x), alpha / size, false, k)
  const power = negativePower(g, s, beta)
  return { power, ratio: g.div(g.mul(at.x, power), s), slope: (2 * alpha * beta) / size, window }
}

/** s^−β. Square roots for the usual exponents: Pow is an order of magnitude slower on a CPU. */
function negativePower(g: Calculus, s: string, beta: number): string {
  if (beta === 1) return g.reciprocal(s)
  if (beta === 0.5) return g.reciprocal(g.sqrt(s))
  if (beta !== 0.75) return g.pow(s, -beta)
  const root = g.sqrt(s)
  return g.reciprocal(g.mul(root, g.sqrt(root)))
}

/** The matrix that sums factor·x over channels c − ⌊(n−1)/2⌋ … c + ⌈(n−1)/2⌉, as a 1×1 kernel; or its transpose. */
function band(channels: number, size: number, factor: number, transposed: boolean, spatial: number) {
  const matrix = float32([channels, channels, ...new Array<number>(spatial).fill(1)])
  const before = Math.floor((size - 1) / 2)
  for (let c = 0; c < channels; c++)
    for (let other = Math.max(0, c - before); other < Math.min(channels, c - before + size); other++)
      matrix.data[transposed ? other * channels + c : c * channels + other] = factor
  return matrix
}
