import { type PatchLook, placementAt, placesOf } from '../../../contract/placement.ts'
import type { Crossing } from '../../../contract/sweep.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { type FrameClassifier, type Reading, type TrialInput, trialReadings } from '../classify.ts'
import type { Background } from '../compose.ts'
import { meanControl } from '../matched.ts'

export interface SweepOrder {
  readonly background: Background
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
  /** The larger probability of the target with a control in the patch's place: its mean colour, or its surroundings. */
  readonly controlProbability: number
}

const BATCH = 16
/** The patch's number, and that of its mean colour, which has none in the gallery. */
type Part = 'patch' | 'mean' | 'surroundings'
const MEAN = -1

/**
 * Classifies a photograph with a patch at every size and position, and with two controls in its place.
 * @param skip sizes that are known already
 */
export async function* sweepReadings(
  net: FrameClassifier,
  order: SweepOrder,
  signal?: AbortSignal,
  skip = 0,
): AsyncGenerator<readonly SweepReading[]> {
  const { patch, picture, source, target, sizes } = order
  const pictures = new Map([
    [patch, { ...picture, name: 'the patch' }],
    [MEAN, { ...meanControl(picture), name: 'its mean colour' }],
  ])
  const options = { pictures, sizes: 2 * sizes.length, source, target, batch: BATCH, signal }
  let parts: (Reading & Tag)[] = []
  for await (const readings of trialReadings(net, trialInputs(order, skip), options)) {
    const found: SweepReading[] = []
    for (const reading of readings) {
      parts.push(reading)
      if (reading.size >= 0 && parts.length < PARTS.length) continue
      const [{ part: _, ...first }, ...controls] = parts as [Reading & Tag, ...(Reading & Tag)[]]
      const others = controls.length > 0 ? controls : parts
      found.push({
        ...first,
        controlProbability: Math.max(...others.map(({ targetProbability }) => targetProbability)),
      })
      parts = []
    }
    if (found.length > 0) yield found
  }
}

interface Tag {
  readonly size: number
  readonly position: number
  readonly part: Part
}

/** The patch first, then its controls. */
const PARTS = ['patch', 'mean', 'surroundings'] as const satisfies readonly Part[]

function* trialInputs(
  { background, patch, picture, look, sizes, positions }: SweepOrder,
  skip: number,
): Generator<TrialInput<Tag>> {
  if (skip === 0) yield { tag: { size: -1, position: -1, part: 'patch' }, background, patches: [] }
  const places = placesOf({ kind: 'grid', n: positions })
  for (const [s, size] of sizes.entries())
    for (const [p, place] of places.entries()) {
      if (s < skip) continue
      const placement = placementAt({ patch, look, size, place }, picture, background.original)
      for (const part of PARTS)
        yield {
          tag: { size: s, position: p, part },
          background,
          patches: [
            {
              ...placement,
              ...(part === 'mean' && { patch: MEAN }),
              ...(part === 'surroundings' && { fill: 'surroundings' as const }),
            },
          ],
        }
    }
}

/**
 * Where a patch does most above its controls: the largest target log-odds less that of the better control.
 * @param above [sizes · positions²], NaN where it is not known
 * @returns its index; undefined where nothing is known
 */
export function bestAbove(above: ArrayLike<number>): number | undefined {
  let best: number | undefined
  for (let k = 0; k < above.length; k++)
    if (!Number.isNaN(above[k]!) && (best === undefined || above[k]! > above[best]!)) best = k
  return best
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
