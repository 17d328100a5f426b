import type { Calculus } from './calculus.ts'
import { Lengths } from './lengths.ts'
import type { Site } from './rule.ts'

/**
 * Where the windows of a convolution or pooling lie: window o along an axis looks at the positions
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
  readonly reach: readonly number[]
  /** Padding before x and behind it, as the operator was given it. Ceil mode may look beyond. */
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
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]!)
  const common = { axes, rank: axes.length + 2, kernel, strides, dilations, reach, x: lengths, y: g.lengths(y, axes) }
  const auto = at.string('auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === 'VALID') {
    const pads = (auto === 'NOTSET' && at.ints('pads')) || [...axes, ...axes].map(() => 0)
    const [begin, end] = [pads.slice(0, axes.length), pads.slice(axes.length)]
    return { ...common, begin: Lengths.of(g, begin), end: Lengths.of(g, end) }
  }
  // SAME: y has ⌈x/stride⌉ elements; what is missing is padded half and half, the odd one behind (UPPER) or before.
  const last = common.y.plus(axes.map(() => -1)).times(strides)
  const total = strides.every(stride => stride === 1)
    ? Lengths.of(g, reach)
    : last
        .plus(reach.map(r => r + 1))
        .minus(lengths)
        .atLeast(axes.map(() => 0))
  const half = total.over(axes.map(() => 2))
  const other = total.minus(half)
  return auto === 'SAME_UPPER' ? { ...common, begin: half, end: other } : { ...common, begin: other, end: half }
}
