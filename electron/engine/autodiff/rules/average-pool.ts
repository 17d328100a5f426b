import { int, ints } from '../../onnx/graph.ts'
import { elements, float32 } from '../../onnx/tensor.ts'
import type { Calculus } from '../calculus.ts'
import { Lengths } from '../lengths.ts'
import { byFirst, type Site } from '../rule.ts'
import { type Windows, windows } from '../window.ts'

/**
 * y[o] = Σ_j x[o·s + j − p]/n[o], n the number of elements of the window that count.
 * Forward: the average of t. Reverse: dx[i] = Σ_j (d/n)[(i − j + p)/s]: a window sum again, over d/n with s − 1 zeros
 * after each element, padded by span − p.
 */
export const averagePool = byFirst('AveragePool', {
  jvp: (g, at, t) => g.node('AveragePool', [t], at.node.attributes),
  vjp: (g, at, d) => averageTransposed(g, averageWindows(g, at), at.int('count_include_pad', 0) === 1, d),
})

interface AverageWindows extends Windows {
  /** A value in y's shape. */
  readonly like: string
  readonly ceil: boolean
}

export function averageWindows(g: Calculus, at: Site): AverageWindows {
  const kernel = at.ints('kernel_shape') ?? g.refuse(at.node, 'it has no kernel_shape')
  return { ...windows(g, at, kernel), like: at.y, ceil: at.int('ceil_mode', 0) === 1 }
}

/** @param countPads whether the operator's own padding counts as elements */
export function averageTransposed(g: Calculus, window: AverageWindows, countPads: boolean, d: string): string {
  const { axes, rank, kernel, strides, span, begin, end, x, y, like } = window
  const zeros = axes.map(() => 0)
  const full = fullness(g, window, countPads)
  const share = full ? g.mul(d, full) : d
  const spaced = g.interleaveZeros(share, like, axes, strides)
  const before = Lengths.of(g, span).minus(begin)
  const sum = (v: string, pads: readonly number[]): string =>
    g.node('AveragePool', [v], { kernel_shape: ints(kernel), pads: ints(pads), count_include_pad: int(1) })
  // The padding after d that gives as many sums as x has elements. Never more than span − end.
  const covered = y.times(strides)
  const after = x.plus(begin).minus(covered)
  if (before.known && after.known?.every(length => length >= 0)) return sum(spaced, [...before.known, ...after.known])
  const padded = g.padAxes(
    spaced,
    rank,
    axes,
    before,
    end.known ? Lengths.of(g, span).minus(end).atLeast(zeros) : Lengths.of(g, span),
  )
  return g.crop(sum(padded, [...zeros, ...zeros]), axes, Lengths.of(g, zeros), x)
}

/**
 * kernel size / n for every window: 1 where all its elements count. Undefined when that holds for all windows.
 * In ceil mode windows may extend beyond the padding; such positions never count.
 */
function fullness(
  g: Calculus,
  { axes, rank, kernel, strides, span, begin, end, x, y, ceil }: AverageWindows,
  countPads: boolean,
): string | undefined {
  const last = y
    .plus(axes.map(() => -1))
    .times(strides)
    .plus(span.map(r => r + 1))
  const unpadded = [begin, end].every(side => side.known?.every(pad => pad === 0))
  if (x.known && y.known && begin.known && end.known) {
    const dims = [1, 1, ...y.known]
    const low = countPads ? begin.known.map(pad => -pad) : axes.map(() => 0)
    const high = countPads ? x.known.map((length, i) => length + end.known![i]!) : x.known
    const out = float32(dims)
    const index = axes.map(() => 0)
    for (let o = 0; o < out.data.length; o++) {
      const counted = index.map((at, i) => {
        const first = at * strides[i]! - begin.known![i]!
        return Math.min(first + kernel[i]!, high[i]!) - Math.max(first, low[i]!)
      })
      out.data[o] = elements(kernel) / elements(counted)
      for (let i = axes.length - 1; i >= 0 && ++index[i]! === y.known[i]; i--) index[i] = 0
    }
    return out.data.every(value => value === 1) ? undefined : g.initializer(out, 'fullness')
  }
  if (unpadded && !ceil) return undefined
  // The share of the elements of a window that count is the average of ones in x and zeros elsewhere.
  const one = g.node('Expand', [g.scalar(1), g.concat([g.integers([1, 1]), x.operand()], 0)])
  const counted = countPads ? g.padAxes(one, rank, axes, begin, end, 1) : g.padAxes(one, rank, axes, begin, end)
  const overhang = last.minus(begin.plus(x).plus(end)).atLeast(axes.map(() => 0))
  const extended = g.padAxes(
    counted,
    rank,
    axes,
    Lengths.of(
      g,
      axes.map(() => 0),
    ),
    overhang,
  )
  const share = g.node('AveragePool', [extended], { kernel_shape: ints(kernel), strides: ints(strides) })
  return g.reciprocal(share)
}
