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

/** The samples of each cell that has any, ascending. */
export const samplesByCell = ({ cellOf }: Pick<Grid, 'cellOf'>): ReadonlyMap<number, readonly number[]> =>
  Map.groupBy(cellOf.keys(), sample => cellOf[sample]!)

/** The grids that `levelsOf` chooses from: each splits the cells of the one before in four. */
const LEVELS = [10, 20, 40, 80, 160, 320]

/**
 * Grids for a layout: from 10 × 10 to the finest, at most 320 × 320, in which the shown cells hold at least half of the
 * samples.
 * @param positions [n, 2] in [0, 1]
 */
export const levelsOf = (positions: Float64Array, minSamples: number): readonly number[] => {
  // Finer cells are parts of coarser ones, so that the share that is shown only falls.
  const filled = LEVELS.filter(size => gridOf(positions, size, minSamples).samplesShown >= positions.length / 4)
  return filled.length > 0 ? filled : LEVELS.slice(0, 1)
}

/** Of these levels those whose cells would all be shown if n samples were spread evenly, and the coarsest. */
export const evenLevels = (n: number, minSamples: number): readonly number[] =>
  LEVELS.filter(size => size === LEVELS[0] || size * size * minSamples <= n)

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
