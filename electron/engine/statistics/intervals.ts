import type { Estimate } from '../../contract/experiment-result.ts'
import { Random } from '../random/random.ts'
import { normalCdf, normalQuantile, studentQuantile } from './distributions.ts'
import { quantile } from './quantile.ts'
import { expectedReach, skewedInterval, skewnessOfMean, skewnessOfValues } from './skewness.ts'

const LEVEL = 0.95

/** Minimum number of photographs for a bootstrap: 5 of them have only 126 different resamples. */
const MIN_FOR_BOOTSTRAP = 8

/** The estimate without photographs. */
export const UNKNOWN: Estimate = { value: 0, low: 0, high: 0, photographs: 0, interval: 'none' }

/** Wilson's interval of a proportion (1927): for independent trials, one for each photograph. */
export function wilson(count: number, of: number): Estimate {
  if (of === 0) return UNKNOWN
  const z = normalQuantile((1 + LEVEL) / 2)
  const share = count / of
  const centre = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of)
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  return {
    value: share,
    // Exact at 0 and 1.
    low: count === 0 ? 0 : centre - half,
    high: count === of ? 1 : centre + half,
    photographs: of,
    interval: 'wilson',
  }
}

/**
 * The mean over photographs, one value for each, with Student's interval, wider where they are skewed (`skewedInterval`).
 * Of paired differences everything that a photograph adds to both cancels. Corrected for the number of means that are looked
 * at together (Bonferroni).
 * @param values one per photograph
 * @param tried  number of means whose intervals hold together
 */
export function pairedMean(values: ArrayLike<number>, tried = 1): Estimate {
  const n = values.length
  if (n === 0) return UNKNOWN
  const value = sum(values) / n
  if (n === 1) return { value, low: value, high: value, photographs: n, interval: 'none' }
  const mean = { mean: value, error: standardError(values), degrees: n - 1, skewness: skewness(values, value) }
  return { value, ...skewedInterval(mean, (1 - LEVEL) / (2 * tried)), photographs: n, interval: 'student' }
}

/** Of the error of the mean of some values, one per photograph. */
function skewness(values: ArrayLike<number>, mean: number): number {
  let [squares, cubes] = [0, 0]
  for (let k = 0; k < values.length; k++) {
    squares += (values[k]! - mean) ** 2
    cubes += (values[k]! - mean) ** 3
  }
  const n = values.length
  const moments = { squares: 1 / n, cubes: 1 / n ** 2, second: squares / n ** 2, third: cubes / n ** 3 }
  return skewnessOfMean(skewnessOfValues([moments]), moments)
}

/** Standard error of a mean. @param values at least 2 */
export function standardError(values: ArrayLike<number>): number {
  const n = values.length
  const mean = sum(values) / n
  let squares = 0
  for (let k = 0; k < n; k++) squares += (values[k]! - mean) ** 2
  return Math.sqrt(squares / (n - 1) / n)
}

/**
 * How probably a paired comparison finds an effect: that the interval of `pairedMean` lies above 0, Φ(effect/error − reach).
 * @param error standard error of the mean at the planned number of photographs
 */
export function powerOf(effect: number, error: number, photographs: number, tried = 1): number {
  if (photographs < 2) return 0
  if (error === 0) return Number(effect > 0)
  return normalCdf(effect / error - expectedReach(photographs, (1 - LEVEL) / (2 * tried)))
}

/** The smallest effect that a paired comparison finds with a power of .8. */
export const detectableEffect = (error: number, photographs: number, tried = 1): number =>
  photographs < 2
    ? Number.POSITIVE_INFINITY
    : error * (expectedReach(photographs, (1 - LEVEL) / (2 * tried)) + normalQuantile(0.8))

/**
 * Bootstrap over photographs: trials of one photograph depend on each other, so photographs are resampled with all of
 * their trials. The same resamples serve every statistic of one set of photographs.
 */
export class Resampler {
  readonly photographs: number
  readonly #resamplings: number
  /** Multiplicity of each photograph: [resamplings, photographs]. */
  readonly #drawn: Uint16Array

  constructor(photographs: number, resamplings: number, seed: number) {
    this.photographs = photographs
    this.#resamplings = resamplings
    this.#drawn = new Uint16Array(resamplings * photographs)
    const random = new Random('photographs', seed, photographs)
    for (let r = 0; r < resamplings; r++)
      for (let k = 0; k < photographs; k++) this.#drawn[r * photographs + random.below(photographs)]!++
  }

  /**
   * Σ counts / Σ of, both over photographs, with the expanded percentile interval: percentiles for a normal quantile
   * of √(n/(n−1)) · t(n−1), because plain percentiles are too narrow for few photographs (Hesterberg 2015). With
   * fewer than 8, resamples hardly differ: then Student's interval, with the standard error of a ratio, √(n/(n−1) ·
   * Σ(count − value · of)²) / Σ of.
   * @param counts [photographs]; @param of [photographs]; photographs with 0 do not count
   */
  ratio(counts: ArrayLike<number>, of: ArrayLike<number>): Estimate {
    const n = contributing(of)
    if (n === 0) return UNKNOWN
    const value = sum(counts) / sum(of)
    if (n === 1) return { value, low: value, high: value, photographs: n, interval: 'none' }
    if (n < MIN_FOR_BOOTSTRAP) {
      let squares = 0
      for (let k = 0; k < of.length; k++) if (of[k]! > 0) squares += (counts[k]! - value * of[k]!) ** 2
      const half = (studentQuantile((1 + LEVEL) / 2, n - 1) * Math.sqrt((n / (n - 1)) * squares)) / sum(of)
      return { value, low: value - half, high: value + half, photographs: n, interval: 'student' }
    }
    const replicates = this.#replicates(counts, of)
    const tail = normalCdf(-Math.sqrt(n / (n - 1)) * studentQuantile((1 + LEVEL) / 2, n - 1))
    return {
      value,
      low: Math.min(value, quantile(replicates, tail)),
      high: Math.max(value, quantile(replicates, 1 - tail)),
      photographs: n,
      interval: 'bootstrap',
    }
  }

  /**
   * The same for a proportion of trials. Where all photographs are equal, or too few, a bootstrap interval would be too
   * narrow: then Wilson's interval, as if each photograph were one trial.
   */
  share(counts: ArrayLike<number>, of: ArrayLike<number>): Estimate {
    const estimate = this.ratio(counts, of)
    if (estimate.photographs === 0) return estimate
    if (estimate.low === estimate.high || estimate.photographs < MIN_FOR_BOOTSTRAP)
      return wilson(estimate.value * estimate.photographs, estimate.photographs)
    return { ...estimate, low: Math.max(0, estimate.low), high: Math.min(1, estimate.high) }
  }

  /**
   * A difference of proportions, −1…1, averaged over photographs. Where all of them are equal, a bootstrap interval
   * would have no width: then Wilson's upper limit for 0 of n is the possible fraction of photographs at either end.
   */
  difference(values: ArrayLike<number>, of: ArrayLike<number>): Estimate {
    const estimate = this.ratio(values, of)
    const { value, low, high, photographs } = estimate
    if (photographs < 2) return estimate
    if (low !== high) return { ...estimate, low: Math.max(-1, low), high: Math.min(1, high) }
    const open = wilson(0, photographs).high
    return { ...estimate, low: value - open * (1 + value), high: value + open * (1 - value), interval: 'wilson' }
  }

  /** The statistic of each resample, ascending. */
  #replicates(counts: ArrayLike<number>, of: ArrayLike<number>): Float64Array {
    const n = this.photographs
    const replicates = new Float64Array(this.#resamplings)
    let kept = 0
    for (let r = 0; r < this.#resamplings; r++) {
      let [above, below] = [0, 0]
      for (let k = 0, at = r * n; k < n; k++, at++) {
        const times = this.#drawn[at]!
        above += times * counts[k]!
        below += times * of[k]!
      }
      // A resample without any counting photograph has no value.
      if (below > 0) replicates[kept++] = above / below
    }
    return replicates.subarray(0, kept).sort()
  }
}

const sum = (values: ArrayLike<number>): number => {
  let total = 0
  for (let k = 0; k < values.length; k++) total += values[k]!
  return total
}

const contributing = (of: ArrayLike<number>): number => {
  let n = 0
  for (let k = 0; k < of.length; k++) if (of[k]! > 0) n++
  return n
}
