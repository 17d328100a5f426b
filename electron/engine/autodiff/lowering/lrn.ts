import { int, ints } from '../../onnx/graph.ts'
import type { Calculus } from '../calculus.ts'
import type { Site } from '../rule.ts'
import type { Lowering } from './lowering.ts'

/*
 * LRN across channels: y = x·s^−β, s = k + α · mean x² over a window of n channels (the sum over n, also at the edges).
 * Forward: t·s^−β − 2αβ · (y/s) · mean (x·t).
 * Reverse: d·s^−β − 2αβ · x · mean′ (y/s·d): the power moves inside the window, and the window is flipped
 * (channel c depends on d when d's channel depends on c), which matters for an even n.
 * Window means are average pools along the channels. The operator's own kernel is slow (GoogLeNet's two took as long as
 * half of its convolutions), and missing on some providers; a banded matrix as 1×1 convolution takes four times as
 * long as the pool. And s and s^−β serve all three.
 */

/** LRN(x) */
export const lrn: Lowering = (g, at) => g.mul(at.x, power(g, at))

/** LRNTangent(x, y, t) */
export const lrnTangent: Lowering = (g, at) => {
  const [x, , t] = at.inputs
  const inWindow = g.scale(mean(g, at, g.mul(x!, t!)), 2 * alpha(at) * beta(at))
  return g.sub(g.mul(t!, power(g, at)), g.mul(ratio(g, at), inWindow))
}

/** LRNGrad(x, y, d) */
export const lrnGrad: Lowering = (g, at) => {
  const [x, , d] = at.inputs
  const inWindow = g.scale(mean(g, at, g.mul(ratio(g, at), d!), true), 2 * alpha(at) * beta(at))
  return g.sub(g.mul(d!, power(g, at)), g.mul(x!, inWindow))
}

const size = (at: Site): number => at.int('size', 1)
const alpha = (at: Site): number => at.float('alpha', 1e-4)
const beta = (at: Site): number => at.float('beta', 0.75)
const bias = (at: Site): number => at.float('bias', 1)
const keyOf = (at: Site): string => `${at.x}, ${size(at)}, ${alpha(at)}, ${beta(at)}, ${bias(at)}`

/** s */
const sum = (g: Calculus, at: Site): string =>
  g.once(`LRN sum of ${keyOf(at)}`, () => g.add(g.scale(mean(g, at, g.mul(at.x, at.x)), alpha(at)), g.scalar(bias(at))))

/** s^−β, by square roots for the usual exponents: Pow is an order of magnitude slower on a CPU. */
const power = (g: Calculus, at: Site): string =>
  g.once(`LRN power of ${keyOf(at)}`, () => {
    const s = sum(g, at)
    if (beta(at) === 1) return g.reciprocal(s)
    if (beta(at) === 0.5) return g.reciprocal(g.sqrt(s))
    if (beta(at) !== 0.75) return g.pow(s, -beta(at))
    const root = g.sqrt(s)
    return g.reciprocal(g.mul(root, g.sqrt(root)))
  })

/** y/s */
const ratio = (g: Calculus, at: Site): string => g.div(at.inputs[1]!, sum(g, at))

/**
 * The mean over the channels c − ⌊(n−1)/2⌋ … c + ⌈(n−1)/2⌉, channels that do not exist count as 0; flipped, over
 * the channels whose window contains c. [N, C, …] is read as an image of one channel, C high and all its pixels wide.
 */
function mean(g: Calculus, at: Site, value: string, flipped = false): string {
  const n = size(at)
  const channels = g.lengths(at.x, [1]).known?.[0] ?? g.refuse(at.node, 'its number of channels is unknown')
  const [before, after] = [Math.floor((n - 1) / 2), Math.ceil((n - 1) / 2)]
  const image = g.reshape(value, [0, 1, channels, -1])
  const pooled = g.node('AveragePool', [image], {
    kernel_shape: ints([n, 1]),
    pads: ints(flipped ? [after, 0, before, 0] : [before, 0, after, 0]),
    count_include_pad: int(1),
  })
  return g.reshapeLike(pooled, at.x)
}
