import type { Calculus } from './calculus.ts'
import { Lengths } from './lengths.ts'
import type { Site } from './rule.ts'

/**
 * The windows of a convolution or pooling: window o along an axis contains the positions
 * o·stride − begin + j·dilation of x, j = 0 … kernel − 1.
 */
export interface Windows {
  /** The axes that windows move along: all but the first two. */
  readonly axes: readonly number[]
  readonly rank: number
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** From a window's first position to its last. */
  readonly span: readonly number[]
  /** Padding before and after x, as given to the operator. In ceil mode windows may extend beyond it. */
  readonly begin: Lengths
  readonly end: Lengths
  /** Lengths of x and y. */
  readonly x: Lengths
  readonly y: Lengths
}

/** Windows of a node with input `x` and output `y`. */
export function windows(g: Calculus, at: Site, kernel: readonly number[], x = at.x, y = at.y): Windows {
  const { axes, lengths } = g.spatial(x)
  const strides = at.ints('strides') ?? axes.map(() => 1)
  const dilations = at.ints('dilations') ?? axes.map(() => 1)
  const span = kernel.map((size, i) => (size - 1) * dilations[i]!)
  const common = { axes, rank: axes.length + 2, kernel, strides, dilations, span, x: lengths, y: g.lengths(y, axes) }
  const auto = at.string('auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === 'VALID') {
    const pads = (auto === 'NOTSET' && at.ints('pads')) || [...axes, ...axes].map(() => 0)
    const [begin, end] = [pads.slice(0, axes.length), pads.slice(axes.length)]
    return { ...common, begin: Lengths.of(g, begin), end: Lengths.of(g, end) }
  }
  // SAME: y has ⌈x/stride⌉ elements; the padding is split in half, the odd one after (UPPER) or before.
  const last = common.y.plus(axes.map(() => -1)).times(strides)
  const total = strides.every(stride => stride === 1)
    ? Lengths.of(g, span)
    : last
        .plus(span.map(r => r + 1))
        .minus(lengths)
        .atLeast(axes.map(() => 0))
  const half = total.over(axes.map(() => 2))
  const other = total.minus(half)
  return auto === 'SAME_UPPER' ? { ...common, begin: half, end: other } : { ...common, begin: other, end: half }
}
