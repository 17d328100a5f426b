import type { Dim, Shape } from '../graph.ts'

/** One factor of an axis: the batch, rows, columns, tokens of which some are not positions, or something else. */
export interface Factor {
  readonly of: 'batch' | 'rows' | 'columns' | 'tokens' | 'other'
  /** The name of the batch; the length of any other. */
  readonly length: Dim
  /**
   * Of rows and columns, which a Reshape may split: the step in elements of the original axis between two of this
   * factor, and the length of the original axis.
   */
  readonly step: number
  readonly total: Dim
  /** Of rows and columns: the value and the axis of it in which they first appear, which is as long. */
  readonly origin?: { readonly value: string; readonly axis: number }
  /**
   * Of rows and columns: the original position that comes first, where they were rotated as for the shifted windows of
   * Swin (Liu et al., 2021).
   */
  readonly first?: number
  /** Of rows and columns: the part of an axis that a slice has taken, which with the rest may be a rotation. */
  readonly part?: { readonly from: number; readonly whole: number }
  /** Of tokens: the number of others before those of the positions, such as that of the class, and the positions. */
  readonly before?: number
  readonly grid?: Axis
  /** Of the batch: every image has the same values, so the order along the axis is irrelevant. */
  readonly uniform?: true
}

/** The factors of an axis, slowest first. An axis of length 1 may have none. */
export type Axis = readonly Factor[]
export type Axes = readonly Axis[]

export const other = (length: Dim): Axis => (length === 1 ? [] : [{ of: 'other', length, step: 1, total: length }])

export const undivided = (of: Factor['of'], length: Dim): Factor => ({ of, length, step: 1, total: length })

/** The one axis that contains the batch, and the factors before and after the batch in that axis. */
interface BatchPlace {
  readonly axis: number
  /** Lengths of the other factors of the axis, slower and faster than the batch. Both 1 where it is the batch alone. */
  readonly outer: Dim | undefined
  readonly inner: Dim | undefined
  readonly uniform: boolean
}

/** The position of the batch; undefined when no axis contains it, or several. */
export function batchPlace(axes: Axes): BatchPlace | undefined {
  const found = axes.flatMap((axis, at) =>
    axis.flatMap((factor, i): BatchPlace[] =>
      factor.of === 'batch'
        ? [
            {
              axis: at,
              outer: lengthOf(axis.slice(0, i)),
              inner: lengthOf(axis.slice(i + 1)),
              uniform: factor.uniform === true,
            },
          ]
        : [],
    ),
  )
  return found.length === 1 ? found[0] : undefined
}

/** Product of factors; undefined when several are unknown. */
function lengthOf(axis: Axis): Dim | undefined {
  const unknown = axis.filter(({ length }) => typeof length === 'string')
  if (unknown.length === 0) return axis.reduce((product, { length }) => product * Number(length), 1)
  return axis.length === 1 ? axis[0]!.length : undefined
}

/** Whether an axis contains the batch, with or without other factors. */
export const isBatch = (axis: Axis | undefined): boolean => axis?.some(({ of }) => of === 'batch') ?? false

/** Whether a factor counts rows or columns of the image. */
export const isPosition = ({ of }: Factor): boolean => of === 'rows' || of === 'columns'

/**
 * Whether an axis counts the rows or the columns of the image (all or evenly spaced ones) in their order, and nothing
 * else.
 */
export function positionsOf(axis: Axis | undefined): 'rows' | 'columns' | undefined {
  const [first, ...more] = axis ?? []
  if (!first || more.length > 0 || (first.of !== 'rows' && first.of !== 'columns')) return undefined
  return isOutermost(first) && !first.first ? first.of : undefined
}

/** The tokens of an axis: positions row by row, or column by column, and others before and after them. */
export interface Tokens {
  /** The axes of the positions, slowest first. */
  readonly grid: readonly [Axis, Axis]
  /** The number of other tokens before the positions. */
  readonly before: number
  readonly length: Dim
}

/** The tokens that an axis counts; undefined where it counts something else. */
export function tokensOf(axis: Axis | undefined): Tokens | undefined {
  const [first, second, ...more] = axis ?? []
  if (first?.of === 'tokens' && !second && first.grid) {
    const inner = tokensOf(first.grid)
    return inner && { ...inner, before: first.before!, length: first.length }
  }
  if (!first || !second || more.length > 0) return undefined
  const kinds = new Set([positionsOf([first]), positionsOf([second])])
  if (!kinds.has('rows') || !kinds.has('columns')) return undefined
  if (typeof first.length !== 'number' || typeof second.length !== 'number') return undefined
  return { grid: [[first], [second]], before: 0, length: first.length * second.length }
}

/** Whether a factor is the slowest of the axis that it was split from. */
export const isOutermost = ({ length, step, total }: Factor): boolean =>
  length === total || (typeof length === 'number' && length * step === total)

/** The same axis at another length: rows and columns are kept, all other factors become `other`. */
export function resized(axis: Axis | undefined, length: Dim): Axis {
  const [first] = axis ?? []
  const positions = first && isPosition(first) && isOutermost(first) && !first.first
  // An upsampled grid, with another factor after the positions in the axis, is a grid of positions too.
  if (positions && axis!.slice(1).every(({ of }) => of === 'other')) return [undivided(first.of, length)]
  return other(length)
}

/** The factors of an axis with rows and columns replaced by `other`. */
const withoutPositions = (axis: Axis): Axis =>
  axis.map(factor => (factor.of === 'batch' ? factor : { ...undivided('other', factor.length) }))

/**
 * The axes after a Reshape: factors stay in their order, and are merged or split.
 * @param shape the lengths after it
 * @returns undefined when the batch cannot be tracked
 */
export function reshaped(axes: Axes, shape: Shape): Axes | undefined {
  return regrouped(axes.flat(), shape) ?? regrouped(axes.flatMap(withoutPositions), shape)
}

function regrouped(factors: Axis, shape: Shape): Axes | undefined {
  const queue = merged(factors.filter(({ length }) => length !== 1))
  const front: Axis[] = []
  const back: Axis[] = []
  let [low, high] = [0, shape.length]
  for (; low < high; low++) {
    const axis = taken(queue, shape[low]!, 'front')
    if (axis === 'misfit') return undefined
    if (axis === 'unknown') break
    front.push(axis)
  }
  for (; high > low; high--) {
    const axis = taken(queue, shape[high - 1]!, 'back')
    if (axis === 'misfit') return undefined
    if (axis === 'unknown') break
    back.unshift(axis)
  }
  // One unknown length takes the remaining factors; with several, the assignment is ambiguous.
  if (high - low > 1 || (high === low && queue.length > 0)) return undefined
  const middle = high > low ? [queue] : []
  return [...front, ...middle, ...back].map(merged)
}

/** Takes the factors of one length from an end of a queue, splitting the last one where necessary. */
function taken(queue: Factor[], length: Dim, end: 'front' | 'back'): Axis | 'unknown' | 'misfit' {
  const at = end === 'front' ? 0 : -1
  const remove = () => (end === 'front' ? queue.shift()! : queue.pop()!)
  if (typeof length === 'string') return queue.at(at)?.length === length ? [remove()] : 'unknown'
  const axis: Factor[] = []
  const add = (factor: Factor) => (end === 'front' ? axis.push(factor) : axis.unshift(factor))
  for (let rest = length; rest > 1; ) {
    const next = queue.at(at)
    if (next === undefined || typeof next.length === 'string') return 'misfit'
    if (rest % next.length === 0) {
      add(remove())
      rest /= next.length
    } else if (next.length % rest === 0) {
      const other = next.length / rest
      const [outer, inner] = end === 'front' ? [rest, other] : [other, rest]
      const whole = next.of === 'tokens' ? undivided('other', next.length) : next
      const pieces = [
        { ...whole, length: outer, step: whole.step * inner },
        { ...whole, length: inner },
      ]
      remove()
      add(pieces[end === 'front' ? 0 : 1]!)
      if (end === 'front') queue.unshift(pieces[1]!)
      else queue.push(pieces[0]!)
      rest = 1
    } else return 'misfit'
  }
  return axis
}

/** Merges adjacent factors: parts of one axis in their order, and factors of kind `other`. */
export function merged(factors: Axis): Factor[] {
  const result: Factor[] = []
  for (const factor of factors) {
    const last = result.at(-1)
    const alike = last && last.of === factor.of && last.first === factor.first && factor.of !== 'tokens'
    if (alike && typeof last.length === 'number' && typeof factor.length === 'number') {
      const length = last.length * factor.length
      if (factor.of === 'other') {
        result[result.length - 1] = undivided('other', length)
        continue
      }
      if (last.total === factor.total && last.step === factor.step * factor.length) {
        result[result.length - 1] = { ...factor, length }
        continue
      }
    }
    result.push(factor)
  }
  return result
}
