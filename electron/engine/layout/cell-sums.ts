import { lineOf } from './grid.ts'

/** Index of a sample in a hidden cell. */
export const HIDDEN = -1
/** Index of a sample that is not in the atlas. */
export const OUTSIDE = -2

/**
 * The cell of every sample, as an index among the shown ones.
 * @param positions [n, 2] in [0, 1]; NaN for samples that are not in the atlas
 * @param shown     row i and column j of every shown cell
 * @returns [n], `HIDDEN` and `OUTSIDE` among them
 */
export function slotsOfSamples(
  positions: Float32Array,
  grid: number,
  shown: readonly { readonly i: number; readonly j: number }[],
): Int32Array {
  const slotOf = new Int32Array(grid * grid).fill(HIDDEN)
  for (const [slot, { i, j }] of shown.entries()) slotOf[i * grid + j] = slot
  return Int32Array.from(
    { length: positions.length / 2 },
    (_, s) => slotOf[lineOf(positions[2 * s + 1]!, grid) * grid + lineOf(positions[2 * s]!, grid)] ?? OUTSIDE,
  )
}

/** Sums of one value per sample. Shown and hidden cells together contain every sample of the atlas. */
interface CellSums {
  /** [cells], samples. */
  readonly counts: Uint32Array
  /** [cells], the sum, and the sum of the positive values. */
  readonly sums: Float64Array
  readonly positive: Float64Array
  /** Over all samples of the atlas: positive and negative values, and those in hidden cells. */
  readonly total: { readonly positive: number; readonly negative: number; readonly hidden: number }
}

/**
 * Sums the values of samples over cells, in float64.
 * @param slots  of every sample, as `slotsOfSamples` returns them
 * @param cells  number of shown cells
 * @param values [n]
 */
export function sumsPerCell(slots: Int32Array, cells: number, values: ArrayLike<number>): CellSums {
  const counts = new Uint32Array(cells)
  const sums = new Float64Array(cells)
  const positive = new Float64Array(cells)
  const total = { positive: 0, negative: 0, hidden: 0 }
  for (let s = 0; s < slots.length; s++) {
    const slot = slots[s]!
    if (slot === OUTSIDE) continue
    const value = values[s]!
    if (value > 0) total.positive += value
    else total.negative += value
    if (slot === HIDDEN) {
      total.hidden += value
      continue
    }
    counts[slot]!++
    sums[slot]! += value
    if (value > 0) positive[slot]! += value
  }
  return { counts, sums, positive, total }
}

/** The number of samples of an atlas with a property, and the number of all samples. */
export function countWithin(
  slots: Int32Array,
  hasProperty: (sample: number) => boolean,
): { readonly count: number; readonly of: number } {
  let [count, of] = [0, 0]
  for (let s = 0; s < slots.length; s++) {
    if (slots[s] === OUTSIDE) continue
    of++
    if (hasProperty(s)) count++
  }
  return { count, of }
}
