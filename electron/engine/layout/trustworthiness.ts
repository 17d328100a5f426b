import type { Metric } from '../../contract/layout.ts'
import { breathe } from './breathe.ts'
import { Nearest } from './nearest.ts'
import { random, subset } from './random.ts'
import { distanceOf, dot, type Samples, squaredLengths } from './samples.ts'

export interface Trustworthiness {
  /** In [0, 1]; about ½ for a layout that knows nothing of the samples. */
  readonly value: number
  /** Neighbours in the layout that were checked. */
  readonly k: number
  /** Samples whose neighbours were checked, chosen by the seed; their ranks are among all `of`. */
  readonly checked: number
  readonly of: number
}

const NEIGHBOURS = 15
const ALWAYS_ALL = 1_000
/** Products of two channels that checking may take, about two seconds; but never fewer than 200 samples. */
const BUDGET = 2e9
const LEAST_CHECKED = 200

/**
 * Trustworthiness (Venna and Kaski 2001): 1 − 2/(n k (2n − 3k − 1)) · Σ_i Σ_j max(0, r(i, j) − k) over the k nearest
 * j of i in the layout, r the rank of j among the neighbours of i in activation space. All samples are checked up to
 * 1,000, and as many of more as a budget of work allows (then n in the first factor is the number checked: the mean
 * over them estimates the mean over all).
 * @returns undefined below 5 samples, where the formula has no meaning
 */
export const trustworthiness = async (
  samples: Samples,
  positions: Float64Array,
  dimensions: number,
  metric: Metric,
  seed: number,
  signal: AbortSignal,
): Promise<Trustworthiness | undefined> => {
  const { rows, n, channels } = samples
  if (n < 5) return undefined
  const k = Math.min(NEIGHBOURS, Math.floor((n - 1) / 2))
  const allowed = n <= ALWAYS_ALL ? n : Math.max(LEAST_CHECKED, Math.floor(BUDGET / (n * channels)))
  const checked = subset(n, allowed, random(seed, 'trustworthiness'))
  const squares = squaredLengths(samples)
  const distance = distanceOf(metric)
  const apart = new Float64Array(n)
  let intruders = 0
  for (const i of checked) {
    for (let j = 0; j < n; j++)
      apart[j] = distance(dot(rows, i * channels, rows, j * channels, channels), squares[i]!, squares[j]!)
    for (const j of nearestInLayout(positions, dimensions, i, k)) {
      let rank = 1
      for (let l = 0; l < n; l++) {
        if (l !== i && (apart[l]! < apart[j]! || (apart[l] === apart[j] && l < j))) rank++
      }
      intruders += Math.max(0, rank - k)
    }
    await breathe(signal)
  }
  const value = 1 - (2 * intruders) / (checked.length * k * (2 * n - 3 * k - 1))
  return { value, k, checked: checked.length, of: n }
}

const nearestInLayout = (positions: Float64Array, dimensions: number, i: number, k: number): Int32Array => {
  const n = positions.length / dimensions
  const nearest = new Nearest(1, k)
  for (let j = 0; j < n; j++) {
    if (j === i) continue
    let squared = 0
    for (let d = 0; d < dimensions; d++)
      squared += (positions[i * dimensions + d]! - positions[j * dimensions + d]!) ** 2
    nearest.offer(0, j, squared)
  }
  return nearest.sorted().indices
}
