import type { Shape } from '../../onnx/graph.ts'
import { type Calculus, END, perAxis } from '../calculus.ts'
import type { Lengths } from '../lengths.ts'
import type { Site } from '../rule.ts'
import { windows } from '../window.ts'
import { channelsLast } from './channels-last.ts'

/**
 * A max-pool along one axis. Maxima are separable: a pool is a pool along each axis in turn, and so is its derivative.
 * The first maximum of a window in row-major order is the first of the first row that has it. So 2k masks are enough
 * for k² elements.
 *
 * The axis is padded to (y + rows)·stride elements, a grid of rows of `stride` phases: element j of every
 * window is in phase j·dilation mod stride, shifted by ⌊j·dilation/stride⌋ rows.
 */
export interface Line {
  /** Where channels are the last axis. */
  readonly axis: number
  readonly rank: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** Padding before the first element. */
  readonly begin: Lengths
  /**
   * Padding before and after, in numbers: known for windows of stride 1, whatever the length of x. Then no length of
   * the axis is computed at run time.
   */
  readonly pads: readonly [number, number] | undefined
  /** Length before pooling, and padded to the grid. */
  readonly x: Lengths
  readonly grid: Lengths
  readonly rows: number
  /** The padded value that is pooled, and its shape before padding. */
  readonly padded: string
  readonly shape: Shape
  /** For each element of the kernel but the last, where it is a maximum. LinkedCell the last one is. */
  readonly isMaximum: readonly string[]
}

/** The pools along each axis, in the order of the axes, of a node (x, y, …) with the attributes of a MaxPool. */
export function lines(g: Calculus, at: Site): Line[] {
  const [x, y] = [at.inputs[0]!, at.inputs[1]!]
  const kernel = at.ints('kernel_shape') ?? g.refuse(at.node, 'it has no kernel_shape')
  const { axes, rank, strides, dilations, begin, end } = windows(g, at, kernel, x, y)
  const moving = axes.flatMap((_, i) => (kernel[i] === 1 && strides[i] === 1 ? [] : [i]))
  let value = channelsLast(g, x, x)
  const pools = moving.toReversed().map((i): Line => {
    const shape = [0, ...axes, 1].map(axis => g.shape(axis > axes[i]! ? y : x)[axis]!)
    const geometry = {
      ...{ axis: i + 1, rank, kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]!, begin: begin.only(i) },
      pads: strides[i] === 1 ? knownPads(begin.only(i), end.only(i)) : undefined,
      ...gridOf(
        kernel[i]!,
        strides[i]!,
        dilations[i]!,
        begin.only(i),
        g.lengths(x, [axes[i]!]),
        g.lengths(y, [axes[i]!]),
      ),
    }
    const padded = pad(g, geometry, value, -Infinity)
    const elements = Array.from({ length: kernel[i]! - 1 }, (_, j) => element(g, geometry, padded, j))
    // The pool along all axes is y. Pools along the last axes only are computed from the elements above.
    if (i === moving[0]) value = channelsLast(g, y, y)
    else value = g.node('Max', [...elements, element(g, geometry, padded, kernel[i]! - 1)])
    return { ...geometry, padded, shape, isMaximum: elements.map(part => g.equal(part, value)) }
  })
  return pools.reverse()
}

function gridOf(kernel: number, stride: number, dilation: number, begin: Lengths, x: Lengths, y: Lengths) {
  const span = (kernel - 1) * dilation
  const tight = Math.floor(span / stride)
  const spare = y.plus([tight]).times([stride]).minus(begin).minus(x)
  // One more row is always enough, including the elements after the last window.
  const rows = spare.known?.every(length => length >= 0) ? tight : Math.ceil(span / stride)
  return { rows, x, grid: y.plus([rows]).times([stride]) }
}

type Geometry = Omit<Line, 'padded' | 'shape' | 'isMaximum'>

/** A value before pooling, padded to the grid. */
export function pad(g: Calculus, line: Geometry, value: string, padding: number): string {
  const { axis, rank, begin, x, grid, pads } = line
  if (pads) return padBy(g, line, value, ...pads, padding)
  return g.padAxes(value, rank, [axis], begin, grid.minus(begin).minus(x), padding)
}

/** Pads along the axis of a line; negative numbers crop. */
export function padBy(
  g: Calculus,
  { axis, rank }: Pick<Line, 'axis' | 'rank'>,
  value: string,
  before: number,
  after: number,
  padding = 0,
): string {
  if (before === 0 && after === 0) return value
  return g.pad(value, [...perAxis(rank, [axis], [before], 0), ...perAxis(rank, [axis], [after], 0)], padding)
}

const knownPads = (begin: Lengths, end: Lengths): readonly [number, number] | undefined => {
  const [before, after] = [begin.known?.[0], end.known?.[0]]
  return before === undefined || after === undefined ? undefined : [before, after]
}

/** Element j of every window, of a padded value. */
export function element(g: Calculus, { axis, stride, dilation, rows }: Geometry, padded: string, j: number): string {
  const start = j * dilation
  const after = (rows - Math.floor(start / stride)) * stride
  if (start === 0 && after === 0 && stride === 1) return padded
  return g.slice(padded, [axis], [start], [after === 0 ? END : -after], [stride])
}
