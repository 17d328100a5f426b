import type { AttributionSign } from '../../contract/class-selection.ts'

/** The attribution of every sample of a layer to one class. */
export interface ClassColumn {
  readonly index: number
  /** [n], attribution in logits; 0 where it is unknown. */
  readonly values: Float32Array
  /** [n], 1 where it is known. */
  readonly known: Uint8Array
  /** Samples whose attribution is known. */
  readonly count: number
}

/** A column with the rank of the class among all classes of each sample. */
export interface RankedColumn extends ClassColumn {
  /** The sign of the attributions that are ranked. */
  readonly sign: AttributionSign
  /**
   * [n]: 1 is the strongest of the sign, equal values rank in the order of the classes; 0 where the attribution is
   * unknown.
   */
  readonly ranks: Uint16Array
}

/** The attributions of consecutive samples to one class. */
interface StoredColumn {
  /** [entries], rising, from 0; undefined: all samples, in order. */
  readonly samples: Uint16Array | undefined
  /** [entries], place among the attributions of the sample that are stored. */
  readonly slots: Uint16Array | undefined
  /** [entries] */
  readonly values: Float16Array
}

/** The rank of a class that is unknown because it was kept among those of the other sign. */
const MAX_RANK = 0xffff

/** Extracts the columns of some classes from pages of attributions, in any order. */
export class ClassColumns {
  readonly #classes: number
  readonly #sign: AttributionSign | undefined
  readonly #columns: readonly {
    readonly index: number
    readonly values: Float32Array
    readonly known: Uint8Array
    readonly ranks: Uint16Array | undefined
    count: number
  }[]

  /**
   * @param n       samples
   * @param classes of the network
   * @param indices of those to extract
   * @param sign    sign of the attributions that are ranked; without it no ranks are computed
   */
  constructor(n: number, classes: number, indices: readonly number[], sign?: AttributionSign) {
    this.#classes = classes
    this.#sign = sign
    this.#columns = indices.map(index => ({
      index,
      values: new Float32Array(n),
      known: new Uint8Array(n),
      ranks: sign === undefined ? undefined : new Uint16Array(n),
      count: 0,
    }))
  }

  /** @param first index of the page's first sample; @param page [samples, classes], complete */
  feed(first: number, page: Float32Array): void {
    const classes = this.#classes
    const samples = page.length / classes
    const rank = this.#sign === 'negative' ? rankFromBottom : rankFromTop
    for (const column of this.#columns) {
      const { index, values, ranks } = column
      for (let s = 0; s < samples; s++) values[first + s] = page[s * classes + index]!
      if (ranks !== undefined)
        for (let s = 0; s < samples; s++) ranks[first + s] = rank(page, s * classes, classes, index)
      column.known.fill(1, first, first + samples)
      column.count += samples
    }
  }

  /**
   * One class of consecutive samples; ranks only where the attributions are truncated.
   * @param at   which of the classes
   * @param kept slots of each sign, strongest first, those of positive attributions before the others; null: complete
   */
  feedColumn(
    at: number,
    { start, count }: { readonly start: number; readonly count: number },
    { samples, slots, values }: StoredColumn,
    kept: number | null,
  ): void {
    const column = this.#columns[at]!
    if (samples === undefined) {
      for (let s = 0; s < count; s++) column.values[start + s] = values[s]!
      column.known.fill(1, start, start + count)
      column.count += count
      return
    }
    const from = this.#sign === 'negative' ? kept! : 0
    for (const [entry, sample] of samples.entries()) {
      // Entries are in the order of the samples.
      if (sample >= count) break
      column.values[start + sample] = values[entry]!
      column.known[start + sample] = 1
      column.count++
      const place = slots![entry]! - from
      if (column.ranks !== undefined) column.ranks[start + sample] = place >= 0 && place < kept! ? place + 1 : MAX_RANK
    }
  }

  columns(): readonly ClassColumn[] {
    return this.#columns
  }

  /** @throws Error when no sign was given */
  ranked(): readonly RankedColumn[] {
    return this.#columns.map(({ ranks, ...column }) => {
      if (ranks === undefined || this.#sign === undefined) throw new Error('ranks need a sign of attribution')
      return { ...column, ranks, sign: this.#sign }
    })
  }
}

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
