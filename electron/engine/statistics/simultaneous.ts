import { MIN_PHOTOGRAPHS } from '../../contract/inference.ts'
import { type ClusterMean, clusterMean } from './cluster-robust.ts'
import { skewedInterval, skewnessOfMean, skewnessOfValues } from './skewness.ts'

/** Samples of a map: what is measured, which photograph each is of, and the cell that it lies in. */
export interface MapSamples {
  /** [samples] */
  readonly values: ArrayLike<number>
  /** [samples], equal for copies of one photograph. */
  readonly clusters: ArrayLike<number>
  /** [samples], index of the shown cell; negative: in a hidden one. */
  readonly cellOf: ArrayLike<number>
  /** Number of shown cells. */
  readonly cells: number
  /** Where the cells were cut by a rule of other photographs' values: what is needed to allow for it. */
  readonly crossFit?: {
    /** [samples], half of the photograph of each sample, 0 or 1. */
    readonly folds: ArrayLike<number>
    /** [samples], the predicted value by which each sample was placed. */
    readonly predicted: ArrayLike<number>
    /** Correlation of the rules of both halves, 0 to 1. */
    readonly agreement: number
  }
}

/** The mean of one cell. */
export interface CellInterval {
  readonly mean: number
  readonly photographs: number
  /** The interval, simultaneous over all tested cells; null below the minimum of photographs. */
  readonly interval: { readonly low: number; readonly high: number } | null
}

export interface MapIntervals {
  /** [cells] */
  readonly cells: readonly CellInterval[]
  /** Cells with enough photographs, over which the intervals are simultaneous. */
  readonly tested: number
  /** Mean of all samples of the map, hidden cells included: the expected value of every cell if cells carried nothing. */
  readonly mean: number
}

const LEVEL = 0.95

/**
 * Means of the cells of one map with 95 % intervals over photographs (`clusterMean`, `skewedInterval`) that hold for all tested
 * cells at once: at Šidák's level 1 − .95^(1/tested) (1967: it holds for normal means of any correlation). So far out, skewness
 * counts more than the few photographs of one cell can tell of it: that of all tested cells is pooled, and an end lies where
 * the cell's own skewness or the common one moves it further outwards.
 */
export function simultaneousMeans({ values, clusters, cellOf, cells, crossFit }: MapSamples): MapIntervals {
  const sums = Array.from({ length: cells }, () => new Map<number, { sum: number; count: number; fold: number }>())
  let total = 0
  for (let s = 0; s < values.length; s++) {
    total += values[s]!
    const cell = sums[cellOf[s]!]
    if (cell === undefined) continue
    const of = cell.get(clusters[s]!) ?? { sum: 0, count: 0, fold: crossFit?.folds[s] ?? 0 }
    of.sum += values[s]!
    of.count++
    cell.set(clusters[s]!, of)
  }
  const dependence = crossFit ? dependences(cellOf, cells, crossFit) : new Float64Array(cells)
  const means = sums.map((cell, at): ClusterMean => {
    const all = [...cell.values()]
    return clusterMean({
      sums: all.map(({ sum }) => sum),
      counts: all.map(({ count }) => count),
      folds: all.map(({ fold }) => fold),
      dependence: dependence[at]!,
    })
  })
  const tested = means.filter(hasEnough)
  const tail = (1 - LEVEL ** (1 / Math.max(1, tested.length))) / 2
  // One cell has nothing in common with others.
  const ofErrors = tested.length < 2 ? 0 : skewnessOfValues(tested.flatMap(({ moments }) => moments ?? []))
  const common = ({ moments }: ClusterMean): number => (moments ? skewnessOfMean(ofErrors, moments) : 0)
  return {
    cells: means.map(each => {
      const { mean, clusters: photographs } = each
      return { mean, photographs, interval: hasEnough(each) ? skewedInterval(each, tail, common(each)) : null }
    }),
    tested: tested.length,
    mean: total / values.length,
  }
}

const hasEnough = ({ clusters }: ClusterMean): boolean => clusters >= MIN_PHOTOGRAPHS

/**
 * How far the errors of the two halves agree in each cell. Half A is placed by the rule of half B and the reverse, so the error
 * of A's rule decides where B's samples lie: without a true difference, both halves err to the same side. Of the error
 * of a cell's mean, the share φ·z̄² lies along the rule (φ: the cell's share of the samples, z̄: its mean
 * predicted value in standard deviations), and of the rule, the share 1 − agreement is error.
 * @returns [cells], correlation of both halves' errors
 */
function dependences(
  cellOf: ArrayLike<number>,
  cells: number,
  { predicted, agreement }: NonNullable<MapSamples['crossFit']>,
): Float64Array {
  const n = predicted.length
  let [sum, squares] = [0, 0]
  const ofCells = new Float64Array(cells)
  const counts = new Uint32Array(cells)
  for (let s = 0; s < n; s++) {
    sum += predicted[s]!
    squares += predicted[s]! ** 2
    if (cellOf[s]! < 0) continue
    ofCells[cellOf[s]!]! += predicted[s]!
    counts[cellOf[s]!]!++
  }
  const mean = sum / n
  const variance = squares / n - mean ** 2
  return ofCells.map((total, cell) => {
    const z2 = variance > 0 && counts[cell]! > 0 ? (total / counts[cell]! - mean) ** 2 / variance : 0
    return Math.min(1, Math.max(0, (1 - agreement) * (counts[cell]! / n) * z2))
  })
}

/**
 * Whether an interval excludes 0 and the chance level, on the same side of both.
 * @param chance what the mean of a cell would be if the cells carried nothing
 */
export const isBeyond = (interval: CellInterval['interval'], chance: number): boolean =>
  interval !== null && (interval.low > Math.max(0, chance) || interval.high < Math.min(0, chance))
