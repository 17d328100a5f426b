import type { ClassExtent, FilterCounts, SampleFilter } from '../../contract/class-selection.ts'
import { UserError } from '../../contract/errors.ts'
import type { ClassColumn, RankedColumn } from './class-columns.ts'

interface Filtered {
  /** Indices of the samples that pass, in ascending order. */
  readonly samples: Uint32Array
  readonly counts: FilterCounts
}

/**
 * The samples that matter to a class (class filters of Activation Atlas, Distill 2019, but without its duplicates): by
 * rank, those in which the class is among the k strongest of its sign; by magnitude, the n with the strongest
 * attribution (ties: the earlier sample); with both, the samples that pass either. Only attributions of the sign pass.
 */
export function filterSamples({ values, ranks, count, sign }: RankedColumn, filter: SampleFilter): Filtered {
  if (filter.sign !== sign) throw new Error(`ranks of ${sign} attributions cannot filter ${filter.sign} ones`)
  const strength = sign === 'positive' ? (s: number) => values[s]! : (s: number) => -values[s]!
  const passes = new Uint8Array(values.length)
  const ofSign: number[] = []
  let byRank = 0
  for (let s = 0; s < values.length; s++) {
    if (!(strength(s) > 0)) continue
    ofSign.push(s)
    if (filter.rank === null || ranks[s] === 0 || ranks[s]! > filter.rank) continue
    passes[s] = BY_RANK
    byRank++
  }
  let [byMagnitude, both] = [0, 0]
  if (filter.magnitude !== null) {
    const strongest = ofSign.sort((a, b) => strength(b) - strength(a) || a - b).slice(0, filter.magnitude)
    byMagnitude = strongest.length
    for (const s of strongest) {
      if (passes[s] === BY_RANK) both++
      passes[s] = BY_MAGNITUDE
    }
  }
  const samples = Uint32Array.from(indices(passes))
  return {
    samples,
    counts: {
      before: values.length,
      known: count,
      after: samples.length,
      byRank: filter.rank === null ? null : byRank,
      byMagnitude: filter.magnitude === null ? null : byMagnitude,
      both,
    },
  }
}

const BY_RANK = 1
const BY_MAGNITUDE = 2

function* indices(passes: Uint8Array): Generator<number> {
  for (let s = 0; s < passes.length; s++) if (passes[s] !== 0) yield s
}

/**
 * Strongest and weakest attribution of a class over all samples, and the sum, for normalisation by this class alone.
 */
export function extentOf({ values }: ClassColumn): ClassExtent {
  let [max, min, sum] = [0, 0, 0]
  for (const value of values) {
    if (value > max) max = value
    if (value < min) min = value
    sum += value
  }
  return { max, min, sum }
}

/** The error of a filter that no sample passes. @param subject the class and the layer, such as `wok at mixed5b` */
export const emptyFilter = (
  subject: string,
  { rank, sign }: SampleFilter,
  { known, before }: FilterCounts,
): UserError =>
  new UserError(
    `no sample of ${subject} passes the filter: ${
      known < before
        ? `its attribution is known for ${known} of ${before} samples only`
        : `none of ${before} samples has ${sign} attribution to it${rank === null ? '' : ` among the ${rank} strongest of the sample`}`
    }; choose a larger rank, a magnitude, or the other sign`,
  )

/** The samples in either of two lists, in ascending order, and the number in both. */
export function union(a: Uint32Array, b: Uint32Array): { readonly samples: Uint32Array; readonly shared: number } {
  const samples = new Uint32Array(a.length + b.length)
  let [i, j, n] = [0, 0, 0]
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    if (a[i] === next) i++
    if (b[j] === next) j++
    samples[n++] = next
  }
  return { samples: samples.slice(0, n), shared: a.length + b.length - n }
}
