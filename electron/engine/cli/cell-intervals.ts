import { intervalsText, MIN_PHOTOGRAPHS } from '../../contract/inference.ts'

/** A cell, its interval null where it has too few photographs for one. */
interface TestedCell {
  readonly interval: unknown
  readonly significant: boolean
}

/** `, not significant`, for a cell with an interval. */
export const significanceText = ({ interval, significant }: TestedCell): string =>
  interval === null ? '' : significant ? ', significant' : ', not significant'

/** The method and results of the intervals of a map, for `--json`. */
export const intervalsJson = (
  grid: number,
  { cells, tested, mean }: { readonly cells: readonly TestedCell[]; readonly tested: number; readonly mean: number },
) => ({
  grid,
  method: intervalsText(tested),
  minPhotographs: MIN_PHOTOGRAPHS,
  tested,
  significant: cells.filter(({ significant }) => significant).length,
  mean,
})
