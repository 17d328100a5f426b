import type { Page } from './cell-means.ts'
import { type Grid, slotsOf } from './grid.ts'

/** The attributions of the samples of the shown cells to every class. */
export interface CellAttributions {
  readonly classes: number
  /** [shown, classes], mean over the cell's samples. */
  readonly mean: Float64Array
  /** [shown, classes], standard deviation over the cell's samples (population). */
  readonly deviation: Float64Array
  /** [shown], the class with the largest mean. */
  readonly label: Int32Array
  /** [shown], share of the cell's samples whose strongest class is the label: near 0, the label is weak. */
  readonly agreement: Float64Array
}

export interface ClassValue {
  readonly class: number
  readonly mean: number
  readonly deviation: number
}

/** Accumulates attributions per shown cell, from pages fed in any order, with Welford's update for the variance. */
export class CellAttribution {
  readonly #grid: Grid
  readonly #classes: number
  readonly #slots: Int32Array
  readonly #mean: Float64Array
  readonly #squares: Float64Array
  readonly #counts: Int32Array
  readonly #strongest: Int32Array
  #fed = 0

  constructor(grid: Grid, classes: number) {
    const size = grid.shown.length * classes
    this.#grid = grid
    this.#classes = classes
    this.#slots = slotsOf(grid)
    this.#mean = new Float64Array(size)
    this.#squares = new Float64Array(size)
    this.#counts = new Int32Array(grid.shown.length)
    this.#strongest = new Int32Array(grid.cellOf.length).fill(-1)
  }

  /** @param first index of the page's first sample; @param page [samples, classes] */
  feed(first: number, page: Page): void {
    const classes = this.#classes
    const samples = page.length / classes
    for (let s = 0; s < samples; s++) {
      const slot = this.#slots[this.#grid.cellOf[first + s]!]!
      if (slot < 0) continue
      const weight = 1 / ++this.#counts[slot]!
      const to = slot * classes
      const from = s * classes
      let strongest = 0
      for (let c = 0; c < classes; c++) {
        const value = page[from + c]!
        const off = value - this.#mean[to + c]!
        this.#mean[to + c]! += off * weight
        this.#squares[to + c]! += off * (value - this.#mean[to + c]!)
        if (value > page[from + strongest]!) strongest = c
      }
      this.#strongest[first + s] = strongest
    }
    this.#fed += samples
  }

  /** Throws when a sample is missing. */
  result(): CellAttributions {
    const { counts, shown, cellOf } = this.#grid
    const classes = this.#classes
    if (this.#fed !== cellOf.length) throw new Error(`${this.#fed} of ${cellOf.length} samples were fed`)
    const label = Int32Array.from(shown, (_, slot) => argmax(this.#mean, slot * classes, classes))
    const agreement = new Float64Array(shown.length)
    cellOf.forEach((cell, s) => {
      const slot = this.#slots[cell]!
      if (slot >= 0 && this.#strongest[s] === label[slot]) agreement[slot]! += 1 / counts[cell]!
    })
    const deviation = this.#squares.map((sum, p) => Math.sqrt(sum / counts[shown[Math.floor(p / classes)]!]!))
    return { classes, mean: this.#mean.slice(), deviation, label, agreement }
  }
}

/** The classes with the strongest positive and negative mean attribution of a shown cell. */
export const topClasses = (
  { classes, mean, deviation }: CellAttributions,
  slot: number,
  count: number,
): { readonly for: readonly ClassValue[]; readonly against: readonly ClassValue[] } => {
  const all = Array.from({ length: classes }, (_, c) => ({
    class: c,
    mean: mean[slot * classes + c]!,
    deviation: deviation[slot * classes + c]!,
  })).sort((a, b) => b.mean - a.mean || a.class - b.class)
  return {
    for: all.filter(value => value.mean > 0).slice(0, count),
    against: all
      .filter(value => value.mean < 0)
      .reverse()
      .slice(0, count),
  }
}

const argmax = (values: Float64Array, from: number, count: number): number => {
  let best = 0
  for (let c = 1; c < count; c++) if (values[from + c]! > values[from + best]!) best = c
  return best
}
