import { enoughPhotographs } from '../../contract/class-atlas.ts'
import type { ClassValue } from '../../contract/values.ts'
import { clusteredMean } from '../statistics/clustered-mean.ts'

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
  /** right − left, with its 95 % interval over photographs. */
  readonly difference: number
  readonly low: number
  readonly high: number
  /** Mean of the difference's clipped share of the scale, −1 to 1. */
  readonly lean: number
  /** The strongest classes apart from the two, strongest first. */
  readonly otherClasses: readonly ClassValue[]
}

/** Samples of one cell: attributions to both classes, and photographs. */
interface CellMembers {
  readonly left: Float64Array
  readonly right: Float64Array
  readonly photographs: ArrayLike<number>
}

/** @param cell the cell without the statistics of its members */
export function compareCell(
  cell: Pick<ComparedCell, 'i' | 'j' | 'lean' | 'otherClasses'>,
  { left, right, photographs }: CellMembers,
  seed: number,
): ComparedCell {
  const differences = right.map((value, s) => value - left[s]!)
  const { mean, low, high, clusters } = clusteredMean(differences, photographs, seed)
  const average = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length
  return {
    ...cell,
    count: left.length,
    photographs: clusters,
    left: average(left),
    right: average(right),
    difference: mean,
    low,
    high,
  }
}

/** Distance of the interval from 0; negative if the interval includes 0. */
export const separation = ({ low, high }: Pick<ComparedCell, 'low' | 'high'>): number => Math.max(low, -high)

/** Whether the sign of a cell's difference is certain. */
export const isCertain = (cell: Pick<ComparedCell, 'low' | 'high' | 'photographs'>): boolean =>
  cell.photographs >= enoughPhotographs && separation(cell) > 0

/**
 * Ranks cells by how far they separate two classes: by the end of their interval that is nearer to 0, so that a cell of
 * few photographs does not come first by chance; uncertain cells last.
 */
export const ranked = <C extends ComparedCell>(cells: readonly C[], toward: 'left' | 'right' | 'both'): readonly C[] =>
  cells
    .filter(({ difference }) => toward === 'both' || (toward === 'right' ? difference > 0 : difference < 0))
    .toSorted(
      (a, b) => Number(isCertain(b)) - Number(isCertain(a)) || separation(b) - separation(a) || a.i - b.i || a.j - b.j,
    )

/**
 * The same cells with sides swapped: the other class is right. `column` is where a cell is drawn, of `grid` columns.
 */
export const swapped = <C extends ComparedCell>(cell: C): C => ({
  ...cell,
  left: cell.right,
  right: cell.left,
  difference: -cell.difference,
  low: -cell.high,
  high: -cell.low,
  lean: -cell.lean,
})
