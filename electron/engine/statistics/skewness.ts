import { studentQuantile } from './distributions.ts'

/** A mean, and what is known of its error. */
interface MeanWithError {
  readonly mean: number
  readonly error: number
  /** Degrees of freedom of the error. */
  readonly degrees: number
  /** Skewness of the mean's error. */
  readonly skewness: number
}

/**
 * A few values understate the skewness of what they are drawn from: of an exponential distribution 8 find 1.2 instead of
 * 2 on average, 20 find 1.6.
 */
const UNDERSTATED = 4 / 3
/** The skewness that several means have in common is doubled, in case the values of only half of them are skewed. */
const HALF_OF_THEM = 2

/**
 * Student's interval, whose end on the side of the longer tail is moved outwards: of skewed values the quantiles of t are
 * those of Student's distribution less γ(2t² + 1)/6, with γ the skewness of the mean (Johnson 1978; Hall 1992, § 3.4). The other
 * end stays where it is instead of moving inwards, because γ is uncertain.
 * @param tail   probability beyond each end
 * @param common the skewness that the mean would have if its values were as skewed as those of all means of its family are
 *               together (`skewnessOfValues`); 0: it has none
 */
export function skewedInterval(
  { mean, error, degrees, skewness }: MeanWithError,
  tail: number,
  common = 0,
): { readonly low: number; readonly high: number } {
  const t = -studentQuantile(tail, degrees)
  const step = (2 * t ** 2 + 1) / 6
  const moved = (sign: 1 | -1): number =>
    step * Math.max(0, UNDERSTATED * sign * skewness, HALF_OF_THEM * sign * common)
  return {
    low: mean - (t + moved(-1)) * error,
    high: mean + (t + moved(1)) * error,
  }
}

/**
 * How far the ends of `skewedInterval` are from the mean of n normal values, in standard errors, on average: the values look
 * skewed by chance, by √(6n(n − 1)/((n − 2)(n + 1)(n + 3))) in either direction.
 * @param n at least 2
 */
export function expectedReach(n: number, tail: number): number {
  const t = -studentQuantile(tail, n - 1)
  if (n < 3) return t
  const deviation = Math.sqrt((6 * n * (n - 1)) / ((n - 2) * (n + 1) * (n + 3)) / n)
  // Half of the mean of |x| of a normal x, since each end moves to one side only.
  return t + (UNDERSTATED * (deviation / Math.sqrt(2 * Math.PI)) * (2 * t ** 2 + 1)) / 6
}

/** What a weighted mean Σ w x with Σ w = 1 and residuals e says of the shape of its values' distribution. */
export interface Moments {
  /** Σ w² */
  readonly squares: number
  /** Σ w³ */
  readonly cubes: number
  /** Σ w²e² */
  readonly second: number
  /** Σ w³e³ */
  readonly third: number
}

/**
 * Skewness of the values that some means are of, if it is the same for all: the ratio of the third to the second cumulant,
 * each pooled over the means in proportion to their values, with the small-sample corrections of Fisher and Pearson for the
 * number of equal weights that would be as precise. Where variances differ between the means it is too large.
 */
export function skewnessOfValues(means: readonly Moments[]): number {
  let [third, ofThird, second, ofSecond] = [0, 0, 0, 0]
  for (const mean of means) {
    const n = 1 / mean.squares
    const values = Math.max(3, n)
    third += mean.third * n ** 3
    ofThird += (mean.cubes * n ** 3 * (values - 1) * (values - 2)) / values ** 2
    second += mean.second * n ** 2
    ofSecond += (n * (values - 1)) / values
  }
  return second === 0 ? 0 : third / ofThird / (second / ofSecond) ** 1.5
}

/** Skewness of a weighted mean of values of some skewness. */
export const skewnessOfMean = (ofValues: number, { squares, cubes }: Pick<Moments, 'squares' | 'cubes'>): number =>
  (ofValues * cubes) / squares ** 1.5
