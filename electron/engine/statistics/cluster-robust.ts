import { type Moments, skewnessOfMean, skewnessOfValues } from './skewness.ts'

/** A mean of values that come in clusters, with the precision of an estimate over clusters. */
export interface ClusterMean {
  readonly mean: number
  /** Standard error of the mean. */
  readonly error: number
  /** Degrees of freedom of Student's t for it; 0 where the error is unknown. */
  readonly degrees: number
  /** Skewness of the mean's error, 0 where errors are symmetric; see `skewedInterval`. */
  readonly skewness: number
  /** What the clusters say of the shape of their errors; null of one cluster. */
  readonly moments: Moments | null
  /** Clusters that the values come from. */
  readonly clusters: number
}

/** Sums of one cell, one entry per cluster that has values in it. */
export interface ClusterSums {
  /** [clusters], sum of the cluster's values. */
  readonly sums: ArrayLike<number>
  /** [clusters], number of the cluster's values, all above 0. */
  readonly counts: ArrayLike<number>
  /** [clusters], half of the photographs that each belongs to (0 or 1); needed with `dependence`. */
  readonly folds?: ArrayLike<number>
  /** Correlation of the errors of the two halves, 0 to 1; see `statistics/cross-fit.ts`. */
  readonly dependence?: number
}

/**
 * Σ sums / Σ counts with its cluster-robust standard error: several positions in one photograph are not independent, so
 * clusters count and not values. Small samples are corrected by CR2, Σ w² e²/(1 − w) with the cluster's weight
 * w = count/Σ counts and its residual e, and by the degrees of freedom of Bell and McCaffrey (2002; Imbens and Kolesár 2016,
 * eq. 8) under equally variable clusters: where one cluster has most of the values, there are few degrees of freedom.
 * Time is linear in the number of clusters.
 */
export function clusterMean({ sums, counts, folds, dependence = 0 }: ClusterSums): ClusterMean {
  const clusters = counts.length
  let [total, n] = [0, 0]
  for (let c = 0; c < clusters; c++) {
    total += sums[c]!
    n += counts[c]!
  }
  const mean = total / n
  if (clusters < 2) return { mean, error: 0, degrees: 0, skewness: 0, moments: null, clusters }
  // Of D = diag(w²/(1 − w)): its trace, its square's, and its products with w.
  let [trace, square, byWeight, bySquare, byWeightAndSquare] = [0, 0, 0, 0, 0]
  let [squares, cubes, second, third] = [0, 0, 0, 0]
  const variance: [number, number] = [0, 0]
  for (let c = 0; c < clusters; c++) {
    const w = counts[c]! / n
    const d = w ** 2 / (1 - w)
    const residual = sums[c]! / counts[c]! - mean
    variance[folds?.[c] === 1 ? 1 : 0] += d * residual ** 2
    second += (w * residual) ** 2
    third += (w * residual) ** 3
    trace += d
    square += d ** 2
    byWeight += d * w
    bySquare += d * w ** 2
    byWeightAndSquare += d ** 2 * w
    squares += w ** 2
    cubes += w ** 3
  }
  // M = (I − 1w′)′ D (I − 1w′) = D − uw′ − wu′ + δww′, with u the diagonal of D and δ its trace.
  const expected = trace - 2 * byWeight + trace * squares
  const spread =
    square +
    2 * (byWeight ** 2 + square * squares) +
    trace ** 2 * squares ** 2 -
    4 * byWeightAndSquare +
    2 * trace * bySquare -
    4 * trace * byWeight * squares
  const [a, b] = variance
  const moments = { squares, cubes, second, third }
  return {
    mean,
    error: Math.sqrt(a + b + 2 * dependence * Math.sqrt(a * b)),
    degrees: expected ** 2 / spread,
    skewness: skewnessOfMean(skewnessOfValues([moments]), moments),
    moments,
    clusters,
  }
}
