import { type PatchLook, placementAt, placesOf } from '../../../contract/placement.ts'
import type { Crossing } from '../../../contract/sweep.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { type FrameClassifier, type Reading, type TrialInput, trialReadings } from '../classify.ts'
import type { Ground } from '../compose.ts'

export interface SweepOrder {
  readonly ground: Ground
  readonly patch: number
  readonly picture: TransparentPicture
  readonly look: PatchLook
  readonly source: number
  readonly target: number
  /** Increasing; 0 is the photograph alone. */
  readonly sizes: readonly number[]
  /** Positions along each edge. */
  readonly positions: number
}

/** One composition of a sweep: which size, and which position, row by row. −1: the photograph before. */
export interface SweepReading extends Reading {
  readonly size: number
  readonly position: number
}

const BATCH = 16

/** Classifies a photograph with a patch at every size and position. @param skip sizes that are known already */
export async function* sweepReadings(
  net: FrameClassifier,
  order: SweepOrder,
  signal?: AbortSignal,
  skip = 0,
): AsyncGenerator<readonly SweepReading[]> {
  const { patch, picture, source, target, sizes } = order
  const pictures = new Map([[patch, { ...picture, name: 'the patch' }]])
  const options = { pictures, sizes: sizes.length, source, target, batch: BATCH, signal }
  yield* trialReadings(net, trialInputs(order, skip), options)
}

function* trialInputs(
  { ground, patch, picture, look, sizes, positions }: SweepOrder,
  skip: number,
): Generator<TrialInput<{ size: number; position: number }>> {
  if (skip === 0) yield { tag: { size: -1, position: -1 }, ground, patches: [] }
  const places = placesOf({ kind: 'grid', n: positions })
  for (const [s, size] of sizes.entries())
    for (const [p, place] of places.entries()) {
      if (s < skip) continue
      const placement = placementAt({ patch, look, size, place }, picture, ground.original)
      yield { tag: { size: s, position: p }, ground, patches: [placement] }
    }
}

/**
 * Sizes at which another class wins than at the size before, position by position: source → target → the patch's own
 * class, as in the article's example of the baseball.
 * @param winners [sizes, rows, columns]; −1 where nothing is known yet
 * @param before  winner of the photograph alone
 */
export function crossingsOf(
  winners: ArrayLike<number>,
  sizes: readonly number[],
  positions: number,
  before: number,
): readonly Crossing[] {
  const found: Crossing[] = []
  for (let position = 0; position < positions * positions; position++) {
    let from = before
    for (const [s, size] of sizes.entries()) {
      const to = winners[s * positions * positions + position]!
      if (to < 0) break
      if (to !== from)
        found.push({ row: Math.floor(position / positions), column: position % positions, size, from, to })
      from = to
    }
  }
  return found
}
