import type { Dim, Shape } from '../graph.ts'

/** What the elements along an axis are counted by. */
export interface Factor {
  readonly of: 'batch' | 'rows' | 'columns' | 'other'
  /** The name of the batch; the length of any other. */
  readonly length: Dim
  /**
   * Of rows and columns, which a Reshape may cut into pieces: elements of the whole axis between two of this piece,
   * and the length of the whole axis.
   */
  readonly step: number
  readonly total: Dim
  /** Of rows and columns: the value and its axis in which they were first counted like this, so that it is as long. */
  readonly origin?: { readonly value: string; readonly axis: number }
  /** Of the batch: every image has the same values, so the order of the axis means nothing. */
  readonly uniform?: true
}

/** The factors of an axis, the one that moves slowest first. An axis of length 1 may have none. */
export type Axis = readonly Factor[]
export type Axes = readonly Axis[]

export const other = (length: Dim): Axis => (length === 1 ? [] : [{ of: 'other', length, step: 1, total: length }])

export const whole = (of: Factor['of'], length: Dim): Factor => ({ of, length, step: 1, total: length })

/** The one axis that carries the batch, and what stands before and after it in that axis. */
export interface BatchPlace {
  readonly axis: number
  /** Lengths of the other factors of the axis, slower and faster than the batch. Both 1 where it is the batch alone. */
  readonly outer: Dim | undefined
  readonly inner: Dim | undefined
  readonly uniform: boolean
}

/** Where the batch is; undefined when no axis carries it, or several. */
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

/** Whether an axis carries the batch, with or without something else. */
export const isBatch = (axis: Axis | undefined): boolean => axis?.some(({ of }) => of === 'batch') ?? false

/** Which positions of the image an axis counts, if it does and does nothing else: all of them, or evenly spaced ones. */
export function positionsOf(axis: Axis | undefined): 'rows' | 'columns' | undefined {
  const [first, ...more] = axis ?? []
  if (!first || more.length > 0 || (first.of !== 'rows' && first.of !== 'columns')) return undefined
  return isOutermost(first) ? first.of : undefined
}

/** Whether a piece of an axis moves slowest of all its pieces. */
const isOutermost = ({ length, step, total }: Factor): boolean =>
  length === total || (typeof length === 'number' && length * step === total)

/** The same axis at another length: positions stay what they are, all else is forgotten. */
export function resized(axis: Axis | undefined, length: Dim): Axis {
  const [first] = axis ?? []
  const counts = first && (first.of === 'rows' || first.of === 'columns') && isOutermost(first)
  // A grid that was made finer, with something else after the positions in the axis, is a grid of positions as well.
  if (counts && axis!.slice(1).every(({ of }) => of === 'other')) return [whole(first.of, length)]
  return other(length)
}

/** Without knowledge of rows and columns. */
const forgotten = (axis: Axis): Axis =>
  axis.map(factor => (factor.of === 'batch' ? factor : { ...whole('other', factor.length) }))

/**
 * The axes after a Reshape: factors stay in their order, and are joined or cut.
 * @param shape the lengths after it
 * @returns undefined when the batch cannot be followed
 */
export function reshaped(axes: Axes, shape: Shape): Axes | undefined {
  return regrouped(axes.flat(), shape) ?? regrouped(axes.flatMap(forgotten), shape)
}

function regrouped(factors: Axis, shape: Shape): Axes | undefined {
  const queue = joined(factors.filter(({ length }) => length !== 1))
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
  // One length that is not known takes what is left; of several, it is not known which takes what.
  if (high - low > 1 || (high === low && queue.length > 0)) return undefined
  const middle = high > low ? [queue] : []
  return [...front, ...middle, ...back].map(joined)
}

/** Takes the factors of one length from an end of a queue, cutting the last one where need be. */
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
      const pieces = [
        { ...next, length: outer, step: next.step * inner },
        { ...next, length: inner },
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

/** Neighbours that are one again: pieces of one axis in their order, and lengths that mean nothing in particular. */
export function joined(factors: Axis): Factor[] {
  const result: Factor[] = []
  for (const factor of factors) {
    const last = result.at(-1)
    if (last && last.of === factor.of && typeof last.length === 'number' && typeof factor.length === 'number') {
      const length = last.length * factor.length
      if (factor.of === 'other') {
        result[result.length - 1] = whole('other', length)
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
