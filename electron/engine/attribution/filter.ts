import type { AttributionSign, ClassExtent, FilterCounts, SampleFilter } from '../../contract/class-atlas.ts'
import { UserError } from '../../contract/errors.ts'

/** What all samples of a layer say about one class. */
export interface ClassColumn {
  readonly index: number
  /** What ranks count from. */
  readonly sign: AttributionSign
  /** [n], attribution in logits; 0 where it is not known. */
  readonly values: Float32Array
  /**
   * [n], place of the class among all classes of the sample: 1 is the strongest of the sign, equal values stand in the
   * order of the classes; 0 where it is not known.
   */
  readonly ranks: Uint16Array
  /** Samples whose attribution is known. */
  readonly known: number
}

/** Gathers the columns of some classes from pages of attributions, in any order. */
export class ClassColumns {
  readonly #classes: number
  readonly #columns: readonly (ClassColumn & { known: number })[]

  /** @param n samples; @param classes of the network; @param wanted indices of those to gather */
  constructor(n: number, classes: number, wanted: readonly number[], sign: AttributionSign) {
    this.#classes = classes
    this.#columns = wanted.map(index => ({
      index,
      sign,
      values: new Float32Array(n),
      ranks: new Uint16Array(n),
      known: 0,
    }))
  }

  /** @param first index of the page's first sample; @param page [samples, classes], complete */
  feed(first: number, page: Float32Array): void {
    const classes = this.#classes
    const samples = page.length / classes
    for (const column of this.#columns) {
      const { index, values, ranks, sign } = column
      const rank = sign === 'positive' ? rankFromTop : rankFromBottom
      for (let s = 0; s < samples; s++) {
        values[first + s] = page[s * classes + index]!
        ranks[first + s] = rank(page, s * classes, classes, index)
      }
      column.known += samples
    }
  }

  /**
   * Samples of which only the strongest attributions are kept: of each sign in slots of their own, strongest first.
   * @param rows classes and values, [samples, 2 · kept]; `unused` stands where a sample has fewer of a sign
   */
  feedStrongest(
    first: number,
    rows: { readonly kept: number; readonly classes: Uint16Array; readonly values: Float32Array },
    unused: number,
  ): void {
    const slots = 2 * rows.kept
    for (const column of this.#columns) {
      const from = column.sign === 'positive' ? 0 : rows.kept
      for (let slot = 0; slot < rows.classes.length; slot++) {
        if (rows.classes[slot] !== column.index || column.index === unused) continue
        const sample = first + Math.floor(slot / slots)
        const place = (slot % slots) - from
        column.values[sample] = rows.values[slot]!
        // Kept among those of the other sign, its place counted from this end is unknown, and never asked for.
        column.ranks[sample] = place >= 0 && place < rows.kept ? place + 1 : MOST_RANK
        column.known++
      }
    }
  }

  result(): readonly ClassColumn[] {
    return this.#columns
  }
}

const MOST_RANK = 0xffff

const rankFromTop = (page: Float32Array, from: number, classes: number, index: number): number => {
  const value = page[from + index]!
  let rank = 1
  for (let p = from; p < from + index; p++) if (page[p]! >= value) rank++
  for (let p = from + index + 1; p < from + classes; p++) if (page[p]! > value) rank++
  return rank
}

const rankFromBottom = (page: Float32Array, from: number, classes: number, index: number): number => {
  const value = page[from + index]!
  let rank = 1
  for (let p = from; p < from + index; p++) if (page[p]! <= value) rank++
  for (let p = from + index + 1; p < from + classes; p++) if (page[p]! < value) rank++
  return rank
}

export interface Filtered {
  /** Indices of the samples that pass, rising. */
  readonly samples: Uint32Array
  readonly counts: FilterCounts
}

/**
 * The samples that matter to a class (class filters of Activation Atlas, Distill 2019, but without its duplicates): by
 * rank, those in which the class is among the k strongest of its sign; by magnitude, the n with the strongest
 * attribution, of equal ones the earlier; both, those that pass either way. Only attributions of the sign pass.
 */
export function filterSamples({ values, ranks, known, sign }: ClassColumn, filter: SampleFilter): Filtered {
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
      known,
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

/** Strongest and weakest attribution of a class over all samples, and the sum: what it alone is normalised by. */
export function extentOf({ values }: ClassColumn): ClassExtent {
  let [max, min, sum] = [0, 0, 0]
  for (const value of values) {
    if (value > max) max = value
    if (value < min) min = value
    sum += value
  }
  return { max, min, sum }
}

/** A sentence for a filter that lets nothing through. @param what the class and the layer, such as `wok at mixed5b` */
export const nothingPasses = (what: string, { rank, sign }: SampleFilter, { known, before }: FilterCounts): UserError =>
  new UserError(
    `no sample of ${what} passes the filter: ${
      known < before
        ? `its attribution is known for ${known} of ${before} samples only`
        : `none of ${before} samples speaks ${sign === 'positive' ? 'for' : 'against'} it${rank === null ? '' : ` among its ${rank} strongest classes`}`
    }; take a larger rank, a magnitude, or the other sign`,
  )

/** Samples of either of two, rising, and how many are of both. */
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
