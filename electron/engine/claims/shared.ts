import { clusterMean } from '../statistics/cluster-robust.ts'
import { type Effect, effectOf } from '../statistics/decision.ts'
import { quantile } from '../statistics/quantile.ts'

/** Attributions of all samples of a layer. */
export interface LayerAttributions {
  /** [classes], each [samples]. */
  readonly columns: readonly Float32Array[]
  /** [samples], equal for samples of one photograph or of copies of it. */
  readonly clusters: ArrayLike<number>
}

/**
 * The samples with the strongest positive attribution to each class.
 * @returns [classes], indices of samples, at most `count` of each
 */
export function strongestSamples({ columns }: LayerAttributions, count: number): readonly Uint32Array[] {
  return columns.map(values => {
    const positive: number[] = []
    for (let s = 0; s < values.length; s++) if (values[s]! > 0) positive.push(s)
    return Uint32Array.from(positive.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count))
  })
}

/** What the samples of one class do for another, compared with those of all other classes. */
export interface Shared {
  /** In standard deviations of the values over all samples, above the median of the other classes. */
  readonly effect: Effect
  /** The median over the other classes, in the same unit: the control. */
  readonly median: number
  /** The rank of the class among all, 1 the largest, of so many. */
  readonly rank: number
  readonly of: number
}

/**
 * Whether the samples that support a part support the whole more than those that support any class do: the mean of the
 * values over the strongest samples of the part, less the median of the same over all other classes. Intervals are over
 * photographs. The samples are selected by their attribution to the part alone, never by the values.
 * @param values    [samples], attribution to the whole, or its difference to that of another class
 * @param strongest [classes], as of `strongestSamples`
 * @param part      its class
 * @param left      classes that are no controls: the whole, and what it is compared with
 * @param tried     parts that are tested together
 */
export function sharedWith(
  values: Float64Array,
  clusters: ArrayLike<number>,
  strongest: readonly Uint32Array[],
  part: number,
  left: readonly number[],
  tried: number,
): Shared {
  const deviation = deviationOf(values)
  const meanOf = (samples: Uint32Array): number =>
    samples.reduce((sum, s) => sum + values[s]!, 0) / samples.length / deviation
  const controls = strongest
    .flatMap((samples, index) =>
      index === part || left.includes(index) || samples.length === 0 ? [] : meanOf(samples),
    )
    .sort((a, b) => a - b)
  const median = controls.length === 0 ? 0 : quantile(Float64Array.from(controls), 0.5)
  const own = strongest[part]!
  const photographs = new Map<number, { sum: number; count: number }>()
  for (const s of own) {
    const of = photographs.get(clusters[s]!) ?? { sum: 0, count: 0 }
    of.sum += values[s]! / deviation
    of.count++
    photographs.set(clusters[s]!, of)
  }
  const each = [...photographs.values()]
  const rank = 1 + controls.filter(value => value > meanOf(own)).length
  const of = controls.length + 1
  const none = { mean: median, error: 0, degrees: 0, skewness: 0, moments: null, clusters: 0 }
  if (each.length === 0) return { effect: effectOf(none, median, tried), median, rank: of, of }
  const mean = clusterMean({
    sums: each.map(({ sum }) => sum),
    counts: each.map(({ count }) => count),
  })
  return { effect: effectOf(mean, median, tried), median, rank, of }
}

/** Standard deviation; 1 where all values are equal. */
export function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1
}
