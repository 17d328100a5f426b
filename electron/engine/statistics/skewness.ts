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

/**
 * Student's interval, whose end on the side of the longer tail is moved outwards: of skewed values the quantiles of t are
 * those of Student's distribution less γ(2t² + 1)/6, with γ the skewness of the mean (Johnson 1978; Hall 1992, § 3.4). The other
 * end stays where it is instead of moving inwards, because γ is uncertain.
 * @param tail probability beyond each end
 */
export function skewedInterval(
  { mean, error, degrees, skewness }: MeanWithError,
  tail: number,
): { readonly low: number; readonly high: number } {
  const t = -studentQuantile(tail, degrees)
  const moved = (UNDERSTATED * skewness * (2 * t ** 2 + 1)) / 6
  return { low: mean - (t + Math.max(0, -moved)) * error, high: mean + (t + Math.max(0, moved)) * error }
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

/**
 * Skewness of a weighted mean Σ w x, Σ w³e³/(Σ w²e²)^1.5, with the small-sample correction √(n(n − 1))/(n − 2) of Fisher and
 * Pearson for the number of equal weights that would be as precise.
 * @param second Σ w²e²
 * @param third  Σ w³e³
 * @param n      (Σ w)²/Σ w²
 */
export function skewnessOfMean(second: number, third: number, n: number): number {
  if (second === 0) return 0
  const values = Math.max(3, n)
  return ((third / second ** 1.5) * Math.sqrt(values * (values - 1))) / (values - 2)
}
