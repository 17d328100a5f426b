import type { Dim } from '../graph.ts'
import { type Axis, type Factor, isOutermost, isPosition, other, tokensOf, undivided } from './factors.ts'

/**
 * A part of an axis: of rows or columns it is remembered which; of tokens it may be those of the positions.
 * @param otherwise what it is if it is neither
 */
export function taken(axis: Axis, from: number, length: number, otherwise: Axis): Axis {
  const [factor, ...more] = axis
  if (!factor || more.length > 0) return otherwise
  if (isPosition(factor) && isOutermost(factor))
    return [{ ...spaced(factor, length), ...firstOf(factor.first), part: { from, whole: Number(factor.length) } }]
  const { before = 0, grid = [] } = factor
  const positions = grid.reduce((product, each) => product * Number(each.length), 1)
  if (factor.of !== 'tokens' || from > before || from + length < before + positions) return otherwise
  return length === positions ? grid : [{ ...undivided('tokens', length), before: before - from, grid }]
}

/** Positions of another number, as far apart. */
const spaced = ({ of, step }: Factor, length: number): Factor => ({ of, length, step, total: length * step })

const firstOf = (first: number | undefined) => (first ? { first } : {})

/** The parts of an axis of positions, put together in the order of a rotation; undefined for anything else. */
export function rotated(pieces: readonly (Axis | undefined)[], length: Dim): Axis | undefined {
  const parts = pieces.map(piece => (piece?.length === 1 ? piece[0] : undefined))
  const [head] = parts
  if (!head?.part) return undefined
  const { whole } = head.part
  let next = head.part.from
  let total = 0
  for (const factor of parts) {
    const { part, of, first } = factor ?? {}
    if (of !== head.of || first !== head.first || part?.whole !== whole || part.from !== next) return other(length)
    next = (part.from + Number(factor!.length)) % whole
    total += Number(factor!.length)
  }
  if (total !== whole) return other(length)
  return [{ ...spaced(head, whole), ...firstOf(((head.first ?? 0) + head.part.from) % whole) }]
}

/** The positions of an image among other tokens, such as that of the class; undefined for anything else. */
export function tokens(pieces: readonly (Axis | undefined)[], lengths: readonly Dim[]): Axis | undefined {
  const found = pieces.map(piece => tokensOf(piece))
  const at = found.findIndex(each => each)
  if (pieces.length < 2 || at < 0 || found.some((each, i) => each && i !== at)) return undefined
  if (lengths.some(length => typeof length !== 'number')) return undefined
  const sum = (list: readonly Dim[]) => list.reduce<number>((total, length) => total + Number(length), 0)
  const own = pieces[at]![0]!
  const [before, grid] = own.of === 'tokens' ? [own.before!, own.grid!] : [0, pieces[at]!]
  return [{ ...undivided('tokens', sum(lengths)), before: before + sum(lengths.slice(0, at)), grid }]
}
