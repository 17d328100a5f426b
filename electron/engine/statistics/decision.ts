import { MIN_PHOTOGRAPHS } from '../../contract/inference.ts'
import type { ClusterMean } from './cluster-robust.ts'
import { powerOf } from './intervals.ts'
import { skewedInterval } from './skewness.ts'

/** A mean over photographs with its interval. */
export interface Effect {
  readonly value: number
  readonly low: number
  readonly high: number
  /** Standard error. */
  readonly error: number
  readonly photographs: number
  /** Number of means whose intervals hold together (Bonferroni). */
  readonly tried: number
}

export const verdicts = ['holds', 'does not hold', 'out of reach'] as const
export type Verdict = (typeof verdicts)[number]

export interface Decision {
  readonly verdict: Verdict
  /** Probability of confirming an effect of the relevant size with so many photographs. */
  readonly power: number
  /** Photographs that confirm it with a probability of `POWER`; null where the spread is unknown. */
  readonly needed: number | null
}

/** The power that a study is planned for. */
export const POWER = 0.8
/** No study is planned beyond. */
const MOST = 10_000_000

/**
 * Decides a claim by one interval and the smallest effect that would matter: it holds if the interval is above 0, and does
 * not hold if it is below that effect, so that absence is concluded only where presence would have been seen (equivalence
 * testing, Schuirmann 1987). Otherwise, and below the minimum number of photographs, the claim is out of reach. Either
 * conclusion is wrong with a probability of at most half of what the interval misses.
 * @param relevant the smallest effect that would matter, above 0
 */
export function decide(effect: Effect, relevant: number): Decision {
  const { low, high, error, photographs, tried } = effect
  const enough = photographs >= MIN_PHOTOGRAPHS
  return {
    verdict: enough && low > 0 ? 'holds' : enough && high < relevant ? 'does not hold' : 'out of reach',
    power: enough ? powerOf(relevant, error, photographs, tried) : 0,
    needed: photographs < 2 ? null : photographsFor(relevant, error * Math.sqrt(photographs), tried),
  }
}

/**
 * The number of photographs that confirm an effect with a power of `POWER`, at least the minimum.
 * @param spread standard deviation over photographs
 */
export function photographsFor(effect: number, spread: number, tried = 1): number | null {
  const confirms = (n: number): boolean => powerOf(effect, spread / Math.sqrt(n), n, tried) >= POWER
  let above = MIN_PHOTOGRAPHS
  while (!confirms(above)) {
    above *= 2
    if (above > MOST) return null
  }
  let below = above === MIN_PHOTOGRAPHS ? MIN_PHOTOGRAPHS - 1 : above / 2
  while (above - below > 1) {
    const middle = (above + below) >> 1
    if (confirms(middle)) above = middle
    else below = middle
  }
  return above
}

/**
 * The effect that a mean over photographs estimates, less a constant.
 * @param tried number of means whose intervals hold together (Bonferroni)
 */
export function effectOf(of: ClusterMean, less = 0, tried = 1): Effect {
  const { mean, error, degrees, clusters: photographs } = of
  const value = mean - less
  if (photographs < 2 || degrees < 1)
    return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, error, photographs, tried }
  return { value, ...skewedInterval({ ...of, mean: value }, 0.05 / (2 * tried)), error, photographs, tried }
}
