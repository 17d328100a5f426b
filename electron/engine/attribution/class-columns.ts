import type { AttributionSign } from '../../contract/class-atlas.ts'

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

/**
 * Consecutive samples with only the strongest attributions of each sign, strongest first, in separate slots for each
 * sign.
 */
interface StrongestRows {
  /** Number of slots for each sign. */
  readonly kept: number
  /** [samples, 2 · kept]; the slots of positive attributions come first. */
  readonly classes: Uint16Array
  readonly values: Float32Array
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

  /** @param unused the value of `classes` where a sample has fewer attributions of a sign than slots */
  feedStrongest(first: number, { kept, classes, values }: StrongestRows, unused: number): void {
    const slots = 2 * kept
    const from = this.#sign === 'negative' ? kept : 0
    const columns = new Map(this.#columns.map(column => [column.index, column]))
    for (let slot = 0; slot < classes.length; slot++) {
      const column = classes[slot] === unused ? undefined : columns.get(classes[slot]!)
      if (column === undefined) continue
      const sample = first + Math.floor(slot / slots)
      column.values[sample] = values[slot]!
      column.known[sample] = 1
      column.count++
      const place = (slot % slots) - from
      if (column.ranks !== undefined) column.ranks[sample] = place >= 0 && place < kept ? place + 1 : MAX_RANK
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
