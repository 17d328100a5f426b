import { decide, type Effect } from '../statistics/decision.ts'
import { expectedReach } from '../statistics/skewness.ts'
import type { Claim } from './claim.ts'

/** The number that decides a claim, with what it takes to decide it otherwise. */
type Decided = Pick<Claim, 'effect' | 'photographs' | 'relevant' | 'power' | 'verdict' | 'needed'>

/**
 * @param effect  undefined where nothing could be measured
 * @param every   of so many photographs one counts: those of a project of which few show what the claim is about
 * @param of      what photographs would be needed
 */
export function decided(effect: Effect | undefined, relevant: number, of: string, every = 1): Decided {
  if (effect === undefined)
    return { effect: null, photographs: 0, relevant, power: 0, verdict: 'out of reach', needed: null }
  const { verdict, power, needed } = decide(effect, relevant)
  const { value, low, high, photographs } = effect
  return {
    effect: photographs < 2 ? null : { value, low, high },
    photographs,
    relevant,
    power,
    verdict,
    needed: needed === null ? null : { photographs: Math.ceil(needed * every), of },
  }
}

/**
 * The effect that an interval over photographs estimates. Its error is half of the interval by how far intervals reach, so
 * that where it is wider because photographs are skewed, the power is less.
 * @param tried number of means that the intervals hold for together
 */
export function effectOf(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  photographs: number,
  tried: number,
): Effect {
  const error = photographs < 2 ? 0 : (high - low) / 2 / expectedReach(photographs, 0.05 / (2 * tried))
  return { value, low, high, error, photographs, tried }
}
