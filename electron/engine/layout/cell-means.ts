import { type Grid, slotsOf } from './grid.ts'

/** One page of a store: consecutive samples, row-major. */
export type Page = Float32Array | Float16Array

/**
 * Mean activation of each shown cell of a grid, from pages fed in any order. Sums are float64: the mean of a cell
 * does not depend on the other grids that are summed from the same pages.
 */
export class CellMeans {
  readonly #grid: Grid
  readonly #channels: number
  readonly #slots: Int32Array
  readonly #sums: Float64Array
  #fed = 0

  constructor(grid: Grid, channels: number) {
    this.#grid = grid
    this.#channels = channels
    this.#slots = slotsOf(grid)
    this.#sums = new Float64Array(grid.shown.length * channels)
  }

  /** @param first index of the page's first sample; @param page [samples, channels] */
  feed(first: number, page: Page): void {
    const channels = this.#channels
    const samples = page.length / channels
    for (let s = 0; s < samples; s++) {
      const slot = this.#slots[this.#grid.cellOf[first + s]!]!
      if (slot < 0) continue
      const to = slot * channels
      const from = s * channels
      for (let c = 0; c < channels; c++) this.#sums[to + c]! += page[from + c]!
    }
    this.#fed += samples
  }

  /** @returns [shown, channels]; throws when a sample is missing */
  means(): Float64Array {
    const { counts, shown, cellOf } = this.#grid
    if (this.#fed !== cellOf.length) throw new Error(`${this.#fed} of ${cellOf.length} samples were fed`)
    return this.#sums.map((sum, p) => sum / counts[shown[Math.floor(p / this.#channels)]!]!)
  }
}
