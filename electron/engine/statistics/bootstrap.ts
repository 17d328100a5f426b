import type { Random } from '../random/random.ts'
import { quantile } from './quantile.ts'

export interface Interval {
  readonly mean: number
  /** 95 % bootstrap interval. */
  readonly low: number
  readonly high: number
  /** Clusters that the values come from. */
  readonly clusters: number
}

const REPLICATES = 1000

/**
 * The mean of values that come in clusters, with a percentile interval of the cluster bootstrap (Davison and Hinkley
 * 1997, §3.8): whole clusters are drawn with replacement, because several positions in one photograph are no
 * independent witnesses. Deviations from the mean are widened by √(m/(m−1)), as m clusters drawn from m scatter less
 * than m drawn from all. With one cluster there is nothing to draw: low = high = mean.
 * @param values   one per sample, not empty
 * @param clusters which cluster each sample is of
 * @param draw     uniform in [0, 1)
 */
export function clusteredMean(values: Float64Array, clusters: ArrayLike<number>, draw: Random): Interval {
  const place = new Map<number, number>()
  const sums: number[] = []
  const counts: number[] = []
  for (let s = 0; s < values.length; s++) {
    const cluster = clusters[s]!
    let at = place.get(cluster)
    if (at === undefined) {
      at = sums.push(0) - 1
      counts.push(0)
      place.set(cluster, at)
    }
    sums[at]! += values[s]!
    counts[at]!++
  }
  const m = sums.length
  const mean = sums.reduce((a, b) => a + b, 0) / values.length
  if (m === 1) return { mean, low: mean, high: mean, clusters: 1 }
  const means = new Float64Array(REPLICATES)
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    let sum = 0
    let count = 0
    for (let pick = 0; pick < m; pick++) {
      const at = Math.floor(draw.uniform() * m)
      sum += sums[at]!
      count += counts[at]!
    }
    means[replicate] = sum / count
  }
  means.sort()
  const widen = Math.sqrt(m / (m - 1))
  return {
    mean,
    low: mean + widen * (quantile(means, 0.025) - mean),
    high: mean + widen * (quantile(means, 0.975) - mean),
    clusters: m,
  }
}
