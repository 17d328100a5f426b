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

/** The samples of some cells. @param slots [samples], the index of each sample's cell */
export function samplesIn(cells: readonly number[], slots: ArrayLike<number>): number[] {
  const wanted = new Set(cells)
  const samples: number[] = []
  for (let sample = 0; sample < slots.length; sample++) if (wanted.has(slots[sample]!)) samples.push(sample)
  return samples
}

/**
 * Counts where some samples lie in another grid of the same samples.
 * @param slots [samples], the index of each sample's cell in that grid
 */
export function linkedCells(
  ref: GridRef,
  samples: readonly number[],
  slots: ArrayLike<number>,
  { hidden, outside }: Unplaced,
): LinkedCell {
  const counts = new Map<number, number>()
  for (const sample of samples) counts.set(slots[sample]!, (counts.get(slots[sample]!) ?? 0) + 1)
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
