/**
 * A square grid over normalised positions. Cells are half-open, [i/size, (i+1)/size), the last one closed, so that
 * every sample is in exactly one and counts add up; and doubling the size splits each cell in four.
 */
export interface Grid {
  readonly size: number
  /** Cells with fewer samples are hidden, but counted. */
  readonly minSamples: number
  /** [n], the cell of each sample: j · size + i with column i along x and row j along y. */
  readonly cellOf: Int32Array
  /** [size²]; the sum is n. */
  readonly counts: Int32Array
  /** Cells with at least `minSamples` samples, ascending. */
  readonly shown: Int32Array
  /** Samples in shown cells. */
  readonly samplesShown: number
}

/** Column or row of a coordinate in [0, 1]: min(size − 1, ⌊x · size⌋). */
export const lineOf = (x: number, size: number): number => Math.min(size - 1, Math.floor(x * size))

/** @param positions [n, 2] in [0, 1] */
export const gridOf = (positions: Float64Array, size: number, minSamples: number): Grid => {
  const n = positions.length / 2
  const cellOf = new Int32Array(n)
  const counts = new Int32Array(size * size)
  for (let s = 0; s < n; s++) {
    const cell = lineOf(positions[2 * s + 1]!, size) * size + lineOf(positions[2 * s]!, size)
    cellOf[s] = cell
    counts[cell]!++
  }
  const shown: number[] = []
  let samplesShown = 0
  counts.forEach((count, cell) => {
    if (count > 0 && count >= minSamples) {
      shown.push(cell)
      samplesShown += count
    }
  })
  return { size, minSamples, cellOf, counts, shown: Int32Array.from(shown), samplesShown }
}

/** Mean position of the samples in each shown cell, [shown, 2]. */
export const meanPositions = (grid: Grid, positions: Float64Array): Float64Array => {
  const slots = slotsOf(grid)
  const sums = new Float64Array(2 * grid.shown.length)
  grid.cellOf.forEach((cell, s) => {
    const slot = slots[cell]!
    if (slot < 0) return
    sums[2 * slot]! += positions[2 * s]!
    sums[2 * slot + 1]! += positions[2 * s + 1]!
  })
  return sums.map((sum, p) => sum / grid.counts[grid.shown[p >> 1]!]!)
}

/** [size²], a cell's index among the shown ones, −1 when hidden. */
export const slotsOf = (grid: Grid): Int32Array => {
  const slots = new Int32Array(grid.counts.length).fill(-1)
  grid.shown.forEach((cell, slot) => {
    slots[cell] = slot
  })
  return slots
}
