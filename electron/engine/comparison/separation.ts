import type { ClassValue } from '../../contract/values.ts'
import { type CellInterval, isBeyond } from '../statistics/simultaneous.ts'

/** Attribution of one cell of a comparison to its two classes. */
export interface ComparedCell {
  /** Row and column. */
  readonly i: number
  readonly j: number
  readonly count: number
  readonly photographs: number
  /** Mean attributions, in logits. */
  readonly left: number
  readonly right: number
  /** right − left. */
  readonly difference: number
  /** Its interval, simultaneous over the cells of the map; null: too few photographs. */
  readonly interval: CellInterval['interval']
  /** Whether the interval lies beyond 0 and the mean of the map, to the same side; never without cross-fitting. */
  readonly significant: boolean
  /** Mean place on the axis, −1 to 1. */
  readonly lean: number
  /** The strongest classes apart from the two, strongest first. */
  readonly otherClasses: readonly ClassValue[]
}

/** The cells of a map, and what its intervals refer to. */
export interface ComparedMap<C extends ComparedCell = ComparedCell> {
  readonly cells: readonly C[]
  /** Cells with an interval. */
  readonly tested: number
  /** Mean difference of all samples, logits. */
  readonly mean: number
  readonly crossFitted: boolean
}

/** @param found of a map; without cross-fitting its cells were cut along what is tested, and none is significant */
export const isSignificant = (
  { interval }: CellInterval,
  { mean, crossFitted }: Pick<ComparedMap, 'mean' | 'crossFitted'>,
): boolean => crossFitted && isBeyond(interval, mean)

/** Distance of the interval from 0; negative if the interval includes 0, and −∞ without an interval. */
export const separation = ({ interval }: Pick<ComparedCell, 'interval'>): number =>
  interval === null ? Number.NEGATIVE_INFINITY : Math.max(interval.low, -interval.high)

/**
 * Ranks cells by how far they separate two classes: by the end of their interval that is nearer to 0, so that a cell of
 * few photographs does not come first by chance. Significant cells come first, those without an interval last.
 */
export const ranked = <C extends ComparedCell>(cells: readonly C[], toward: 'left' | 'right' | 'both'): readonly C[] =>
  cells
    .filter(({ difference }) => toward === 'both' || (toward === 'right' ? difference > 0 : difference < 0))
    .toSorted(
      (a, b) =>
        Number(b.significant) - Number(a.significant) ||
        (separation(a) === separation(b) ? 0 : separation(b) - separation(a)) ||
        a.i - b.i ||
        a.j - b.j,
    )

/** The same map with sides swapped: the other class is right. */
export const swapped = <C extends ComparedCell>({ cells, mean, ...map }: ComparedMap<C>): ComparedMap<C> => ({
  ...map,
  mean: -mean,
  cells: cells.map(cell => ({
    ...cell,
    left: cell.right,
    right: cell.left,
    difference: -cell.difference,
    interval: cell.interval && { low: -cell.interval.high, high: -cell.interval.low },
    lean: -cell.lean,
  })),
})
