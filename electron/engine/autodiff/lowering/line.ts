import type { Shape } from '../../onnx/graph.ts'
import { type Calculus, END } from '../calculus.ts'
import type { Lengths } from '../lengths.ts'
import type { Site } from '../rule.ts'
import { windows } from '../window.ts'

/**
 * A pool along one axis. Maxima are separable: a pool is a pool along each axis in turn, and so is its derivative;
 * the first maximum in row-major order is the first in the first row that has it. So k masks do for k² elements.
 */
export interface Line {
  readonly axis: number
  readonly rank: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** Padding before the first element. */
  readonly begin: Lengths
  /** Length before and after pooling. */
  readonly x: Lengths
  readonly y: Lengths
  /** Names of the values before and after pooling along this axis. */
  readonly before: string
  /** Shape before pooling. */
  readonly shape: Shape
  readonly after: string
}

/**
 * The pools along each axis, the first axis first, of a node (x, y, …) with MaxPool's attributes. The pool of the last
 * axis was done first: its `before` is x, and the first line's `after` is y. What lies between is computed again.
 */
export function lines(g: Calculus, at: Site): Line[] {
  const [x, y] = [at.inputs[0]!, at.inputs[1]!]
  const kernel = at.ints('kernel_shape') ?? g.refuse(at.node, 'it has no kernel_shape')
  const { axes, rank, strides, dilations, begin } = windows(g, at, kernel, x, y)
  const worth = axes.map((_, i) => kernel[i] !== 1 || strides[i] !== 1)
  const last = worth.lastIndexOf(true)
  let after = y
  return axes.flatMap((axis, i) => {
    if (!worth[i]) return []
    const before = i === last ? x : partialPool(g, at, x, i + 1)
    const line: Line = {
      ...{ axis, rank, kernel: kernel[i]!, stride: strides[i]!, dilation: dilations[i]!, begin: begin.only(i) },
      ...{ x: g.lengths(x, [axis]), y: g.lengths(y, [axis]), before, after },
      shape: g.shape(x).map((dim, other) => (other > axis ? g.shape(y)[other]! : dim)),
    }
    after = before
    return [line]
  })
}

/** The pool of x along its spatial axes from the i-th on. */
function partialPool(g: Calculus, at: Site, x: string, i: number): string {
  const { storage_order: _, ...attributes } = at.node.attributes
  const along = (name: string, neutral: number) => {
    const values = at.ints(name)
    const rank = g.rank(x) - 2
    return (
      values && {
        [name]: { kind: 'ints' as const, value: values.map((value, axis) => (axis % rank < i ? neutral : value)) },
      }
    )
  }
  return g.node('MaxPool', [x], {
    ...attributes,
    ...along('kernel_shape', 1),
    ...along('strides', 1),
    ...along('dilations', 1),
    ...along('pads', 0),
  })
}

/**
 * How an axis is laid out: padded to (y + rows)·stride elements, it is a grid of rows of `stride` phases. Element j of
 * the kernel lies in phase j·d mod stride, shifted by ⌊j·d/stride⌋ rows.
 */
export interface Grid {
  readonly rows: number
  readonly length: Lengths
}

export function gridOf({ kernel, stride, dilation, begin, x, y }: Line): Grid {
  const reach = (kernel - 1) * dilation
  const tight = Math.floor(reach / stride)
  const enough = y.plus([tight]).times([stride]).minus(begin).minus(x)
  // One row more holds everything in any case: also what is left over behind the last window.
  const rows = enough.known?.every(length => length >= 0) ? tight : Math.ceil(reach / stride)
  return { rows, length: y.plus([rows]).times([stride]) }
}

/** A value before pooling, padded to the grid. */
export const padded = (g: Calculus, line: Line, { length }: Grid, value: string, padding: number): string =>
  g.padAxes(value, line.rank, [line.axis], line.begin, length.minus(line.begin).minus(line.x), padding)

/** Element j of every window. */
export function element(g: Calculus, line: Line, { rows }: Grid, grid: string, j: number): string {
  const start = j * line.dilation
  const behind = (rows - Math.floor(start / line.stride)) * line.stride
  if (start === 0 && behind === 0 && line.stride === 1) return grid
  return g.slice(grid, [line.axis], [start], [behind === 0 ? END : -behind], [line.stride])
}
