import { Resampler } from './intervals.ts'

export interface ClusteredMean {
  readonly mean: number
  /** 95 % interval over clusters. */
  readonly low: number
  readonly high: number
  /** Clusters that the values come from. */
  readonly clusters: number
}

const RESAMPLINGS = 1000

/**
 * The mean of values that come in clusters, with the interval of `Resampler.ratio`: clusters are resampled, not values,
 * because several positions in one photograph are not independent (Davison and Hinkley 1997, §3.8). With one cluster
 * there is nothing to resample: low = high = mean.
 * @param values   one per sample, not empty
 * @param clusters which cluster each sample is of
 */
export function clusteredMean(values: Float64Array, clusters: ArrayLike<number>, seed: number): ClusteredMean {
  const indices = new Map<number, number>()
  const sums: number[] = []
  const counts: number[] = []
  for (let s = 0; s < values.length; s++) {
    const cluster = clusters[s]!
    let at = indices.get(cluster)
    if (at === undefined) {
      at = sums.push(0) - 1
      counts.push(0)
      indices.set(cluster, at)
    }
    sums[at]! += values[s]!
    counts[at]!++
  }
  const { value, low, high, photographs } = new Resampler(sums.length, RESAMPLINGS, seed).ratio(sums, counts)
  return { mean: value, low, high, clusters: photographs }
}
