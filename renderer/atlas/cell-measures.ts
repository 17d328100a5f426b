import { type CellRange, type Measure, measuredClass } from '../state/cell-range.ts'
import type { Cells } from './cells.ts'
import { type Look, PLAIN } from './look.ts'

/** How much the samples of each cell of a grid differ. */
export interface Spread {
  readonly grid: number
  readonly values: Float32Array
}

/**
 * The values of the cells of a grid by a measure.
 * @param look    the colouring by the filter, whose attributions are read
 * @param classes of the filter, in the order of the look's
 * @param spread  of the grid that is shown, once it is loaded
 * @returns [cells]; NaN where a cell has none; undefined for values that are not loaded
 */
export function measured(
  measure: Measure,
  cells: Cells,
  look: Look,
  classes: readonly number[],
  spread?: Spread,
): ArrayLike<number> | undefined {
  if (measure === 'samples') return cells.count
  if (measure === 'fidelity') return cells.fidelity
  if (measure === 'spread') return spread?.grid === cells.grid ? spread.values : undefined
  return look.classes[classes.indexOf(measuredClass(measure)!)]?.values
}

export const within = (value: number, { low, high }: CellRange): boolean => value >= low && value <= high

/** The look with all cells outside of a range dimmed. @param values of the cells by the range's measure */
export function dimmed(look: Look, values: ArrayLike<number>, range: CellRange): Look {
  const inside = Uint8Array.from(values, value => Number(within(value, range)))
  if (look.classes.length === 0) {
    const shown = { colour: [255, 255, 255] as const, values: Float32Array.from(inside), maximum: 1 }
    return { ...PLAIN, mode: 'opacity', classes: [shown] }
  }
  const classes = look.classes.map(one => ({ ...one, values: one.values.map((value, k) => (inside[k] ? value : 0)) }))
  return { ...look, classes }
}

/**
 * Counts of values in bins of equal width from the smallest to the largest of them.
 * @returns the ends too; undefined where there are no values
 */
export function histogram(
  values: ArrayLike<number>,
  bins: number,
): { readonly counts: Uint32Array; readonly low: number; readonly high: number } | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k]!)) continue
    low = Math.min(low, values[k]!)
    high = Math.max(high, values[k]!)
  }
  if (low > high) return undefined
  const counts = new Uint32Array(bins)
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k]!)) continue
    const share = high > low ? (values[k]! - low) / (high - low) : 0
    counts[Math.min(bins - 1, Math.floor(share * bins))]!++
  }
  return { counts, low, high }
}
