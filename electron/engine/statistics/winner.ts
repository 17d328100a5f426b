import { Random } from '../random/random.ts'
import { clusterMean } from './cluster-robust.ts'
import { studentTails } from './distributions.ts'

/** Sums of scores over the samples of each photograph. */
export interface PhotographSums {
  /** [photographs, width] */
  readonly sums: Float32Array | Float64Array
  /** [photographs], number of samples. */
  readonly counts: ArrayLike<number>
  readonly width: number
}

/** [width]: the mean over all samples. */
export function meansOf({ sums, counts, width }: PhotographSums): Float64Array {
  const means = new Float64Array(width)
  let samples = 0
  for (let r = 0; r < counts.length; r++) {
    samples += counts[r]!
    for (let k = 0; k < width; k++) means[k]! += sums[r * width + k]!
  }
  return means.map(sum => sum / samples)
}

/** The candidate with the largest value; the first of equals. */
export function largestOf(values: ArrayLike<number>, among: ArrayLike<number>): number {
  let best = among[0]!
  for (let k = 1; k < among.length; k++) if (values[among[k]!]! > values[best]!) best = among[k]!
  return best
}

/** A candidate that has the largest mean, tested against the others. */
interface Winner {
  readonly index: number
  /** P-value of the hypothesis that another candidate's mean is as large. */
  readonly p: number
  /** The candidates that could lead in a half of the photographs. */
  readonly rivals: readonly number[]
}

/** A rival whose lead has a smaller p-value than this leads in hardly any half of the photographs. */
const OUT_OF_REACH = 1e-5

/**
 * Which candidate has the largest mean, and whether it is known to be the largest. Each lead is tested by Student's t
 * over photographs with the standard error and the degrees of freedom of `clusterMean`: where few photographs have most
 * of the samples, its tails are wider. The p-value is the largest of them (intersection-union test),
 * two-sided because the winner was chosen by the same data (Gutmann and Maymin 1987, "Is the selected population the
 * best?").
 * @param means  [width], those of `data`
 * @param among  indices of the candidates, at least one
 */
export function winnerAmong(data: PhotographSums, means: Float64Array, among: ArrayLike<number>): Winner {
  const { sums, counts, width } = data
  const n = counts.length
  const index = largestOf(means, among)
  let samples = 0
  for (let r = 0; r < n; r++) samples += counts[r]!
  // CR2: the square of a photograph's residual counts 1/(1 − w), w its share of the samples.
  const corrections = Float64Array.from({ length: n }, (_, r) => samples / (samples - counts[r]!))
  const degrees = Math.max(1, clusterMean({ sums: counts, counts }).degrees)
  let p = 0
  const rivals: number[] = []
  for (let k = 0; k < among.length; k++) {
    const rival = among[k]!
    if (rival === index) continue
    const lead = means[index]! - means[rival]!
    let squares = 0
    for (let r = 0; r < n; r++) {
      const off = sums[r * width + index]! - sums[r * width + rival]! - lead * counts[r]!
      squares += off * off * corrections[r]!
    }
    const error = Math.sqrt(squares) / samples
    const its = error > 0 ? studentTails(lead / error, degrees) : lead > 0 ? 0 : 1
    if (its > OUT_OF_REACH) rivals.push(rival)
    p = Math.max(p, its)
  }
  return { index, p: Math.min(1, p), rivals }
}

/**
 * The largest p-value at which hypotheses are rejected so that at most a share q of the rejections is expected to be
 * false (Benjamini and Hochberg 1995); 0 where none is rejected.
 */
export function falseDiscoveryThreshold(ps: readonly number[], q: number): number {
  const sorted = ps.toSorted((a, b) => a - b)
  return sorted.reduce((threshold, p, k) => {
    const level = (q * (k + 1)) / ps.length
    return p <= level ? level : threshold
  }, 0)
}

/**
 * Random splits of photographs into two halves, equal but for one photograph.
 * @returns for each split, 1 for the photographs of the first half
 */
export function randomHalves(photographs: number, splits: number, ...seed: readonly (string | number)[]): Uint8Array[] {
  const random = new Random('halves', ...seed)
  return Array.from({ length: splits }, () => {
    const first = new Uint8Array(photographs)
    for (const k of random.subset(photographs, photographs >> 1)) first[k] = 1
    return first
  })
}

/**
 * Means of some columns over the two halves of the photographs.
 * @returns two arrays [columns]
 */
export function halfMeans(
  { sums, counts, width }: PhotographSums,
  first: Uint8Array,
  columns: ArrayLike<number>,
): readonly [Float64Array, Float64Array] {
  const halves = [new Float64Array(columns.length), new Float64Array(columns.length)] as const
  const samples = [0, 0]
  for (let r = 0; r < counts.length; r++) {
    const half = first[r] === 1 ? 0 : 1
    samples[half]! += counts[r]!
    for (let k = 0; k < columns.length; k++) halves[half]![k]! += sums[r * width + columns[k]!]!
  }
  return [halves[0].map(sum => sum / samples[0]!), halves[1].map(sum => sum / samples[1]!)]
}
