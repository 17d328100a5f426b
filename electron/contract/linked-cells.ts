import type { LinkedCell } from './atlas.ts'
import type { GridRef } from './values.ts'

/** What stands in the place of a cell's index for a sample in a cell that is not shown, or that the atlas lacks. */
export interface Unplaced {
  readonly hidden: number
  readonly outside: number
}

/** The reply for a grid of other samples: there is nothing to follow. */
export const notLinked = (ref: GridRef): LinkedCell => ({
  ...ref,
  cells: new Uint32Array(),
  counts: new Uint32Array(),
  hidden: 0,
  aligned: false,
})

/**
 * Counts where the samples of some cells lie in another grid of the same samples.
 * @param here  [samples], the index of each sample's cell in the grid that is asked about
 * @param there the same in the other grid
 */
export function linkedCells(
  ref: GridRef,
  cells: ReadonlySet<number>,
  here: ArrayLike<number>,
  there: ArrayLike<number>,
  { hidden, outside }: Unplaced,
): LinkedCell {
  const counts = new Map<number, number>()
  for (let sample = 0; sample < here.length; sample++)
    if (cells.has(here[sample]!)) counts.set(there[sample]!, (counts.get(there[sample]!) ?? 0) + 1)
  const notShown = counts.get(hidden) ?? 0
  counts.delete(hidden)
  counts.delete(outside)
  const found = [...counts].sort(([a], [b]) => a - b)
  return {
    ...ref,
    cells: Uint32Array.from(found, ([cell]) => cell),
    counts: Uint32Array.from(found, ([, count]) => count),
    hidden: notShown,
    aligned: true,
  }
}
