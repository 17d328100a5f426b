import { placesOf } from '../../electron/contract/placement.ts'
import type { Crossing, Sweep } from '../../electron/contract/sweep.ts'
import type { Point } from '../atlas/cells.ts'
import { signedText } from '../ui/text.ts'
import { placeText } from './geometry.ts'

/** One composition of a sweep: its indices in the plan. */
export interface At {
  readonly size: number
  readonly position: number
}

/** The location of a position: 0 at the left or top edge, 1 at the right or bottom edge; row by row. */
export function placeOf(positions: number, position: number): Point {
  return placesOf({ kind: 'grid', n: positions })[position]!
}

export function indexOf({ plan }: Pick<Sweep, 'plan'>, { size, position }: At): number {
  return size * plan.positions ** 2 + position
}

/** The crossings of one position, by size. */
export function crossingsAt({ crossings, plan }: Sweep, position: number): readonly Crossing[] {
  return crossings.filter(c => c.row * plan.positions + c.column === position).toSorted((a, b) => a.size - b.size)
}

/** The index of a size in a plan: sizes are rounded to float32 in columns. */
export function sizeIndex(sizes: readonly number[], size: number): number {
  return sizes.reduce((best, each, k) => (Math.abs(each - size) < Math.abs(sizes[best]! - size) ? k : best), 0)
}

/** The composition that does most above the controls; of a sweep without controls the one of the likeliest target. */
export function strongestAt({
  best: chosen,
  targetLogOdds,
  plan,
}: Pick<Sweep, 'best' | 'targetLogOdds' | 'plan'>): At | undefined {
  let best = chosen ?? -1
  if (chosen === null)
    targetLogOdds.forEach((value, k) => {
      if (!Number.isNaN(value) && (best < 0 || value > targetLogOdds[best]!)) best = k
    })
  const cells = plan.positions ** 2
  return best < 0 ? undefined : { size: Math.floor(best / cells), position: best % cells }
}

/** A description of one composition. */
export function sentenceOf(sweep: Sweep, at: At, className: (index: number) => string): string {
  const k = indexOf(sweep, at)
  const winner = sweep.winner[k]!
  const where = `${Math.round(sweep.plan.sizes[at.size]! * 100)} %, ${placeText(placeOf(sweep.plan.positions, at.position))}`
  if (winner < 0) return `${where}: not computed yet`
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`
  return (
    `${where}: ${className(sweep.plan.source)} ${share(sweep.sourceProbability[k]!)}, ` +
    `${className(sweep.plan.target)} ${share(sweep.targetProbability[k]!)}; ` +
    `top-1 ${className(winner)} ${share(sweep.winnerProbability[k]!)}${above(sweep, k)}`
  )
}

/** `; target log-odds −0.53, +4.21 above the best control`. */
function above({ targetLogOdds, controlLogOdds, best }: Sweep, k: number): string {
  const [odds, control] = [targetLogOdds[k]!, controlLogOdds[k]!]
  if (Number.isNaN(control)) return `; target log-odds ${odds.toFixed(2)}`
  const most = k === best ? ', the maximum of this sweep' : ''
  return `; target log-odds ${signedText(odds)}, ${signedText(odds - control)} above the best control${most}`
}

/** Sizes from `from` to `to`, both included, in hundredths so that no rounding creeps in. */
export function sizesBetween(from: number, to: number, step: number): readonly number[] {
  if (!(step > 0) || to < from) return []
  const count = Math.floor((to - from) / step + 1e-9) + 1
  return Array.from({ length: Math.min(200, count) }, (_, k) => Math.round((from + k * step) * 1e4) / 1e4)
}
