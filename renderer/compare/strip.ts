import type { Cells } from '../../electron/contract/atlas.ts'
import type { LayerShare } from '../../electron/contract/class-atlas.ts'

/** The segment of a cell, from `from` to `to`, as shares of its side of the strip. */
interface Segment {
  /** Index in `Cells`. */
  readonly cell: number
  readonly from: number
  readonly to: number
}

export interface Strip {
  /** Largest first; segments too thin to be visible are summed in `rest`. */
  readonly segments: readonly Segment[]
  /** Shown cells whose segments are too thin: their number and total share. */
  readonly rest: { readonly cells: number; readonly share: number }
  /** Share of hidden cells. */
  readonly hidden: number
  /** The sum over all samples, in logits. */
  readonly total: number
  /** Minimum number of cells that hold half of the sum; 0 if the shown cells hold less than half. */
  readonly half: number
}

/** A segment below this share of the widest strip is not visible. */
const MIN_SHARE = 0.006

/**
 * Positive attribution to a class (or difference in favour of the right one of two) by cell: each cell's sum over its
 * samples, as a share of the sum over all samples of the layer.
 * @param width of the strip as a share of the widest strip, which decides which segments are visible
 */
export function positiveStrip(share: Pick<LayerShare, 'cellsPositive' | 'positive'>, width = 1): Strip {
  return stripOf(share.cellsPositive, share.positive, width)
}

/** Negative attribution (or difference in favour of the left class) by cell, with the sign reversed. */
export function negativeStrip(share: Pick<LayerShare, 'cells' | 'cellsPositive' | 'negative'>, width = 1): Strip {
  return stripOf(
    share.cells.map((sum, k) => share.cellsPositive[k]! - sum),
    -share.negative,
    width,
  )
}

function stripOf(values: Float32Array, total: number, width: number): Strip {
  if (!(total > 0)) return { segments: [], rest: { cells: 0, share: 0 }, hidden: 0, total: 0, half: 0 }
  const order = Array.from(values.keys())
    .filter(k => values[k]! > 0)
    .sort((a, b) => values[b]! - values[a]!)
  const segments: Segment[] = []
  let rest = 0
  let sum = 0
  let half = 0
  order.forEach((cell, k) => {
    const share = values[cell]! / total
    if (share * width >= MIN_SHARE) segments.push({ cell, from: sum, to: sum + share })
    else rest += share
    sum += share
    if (half === 0 && sum >= 0.5) half = k + 1
  })
  return {
    segments,
    rest: { cells: order.length - segments.length, share: rest },
    hidden: Math.max(0, 1 - sum),
    total,
    half,
  }
}

/** The position of a cell's icon in its tile, as CSS. */
export function iconInTile(
  { i, j }: Pick<Cells, 'i' | 'j'>,
  cell: number,
  tileCells: number,
): { readonly tileI: number; readonly tileJ: number; readonly position: string; readonly size: string } {
  const [row, column] = [i[cell]! % tileCells, j[cell]! % tileCells]
  const share = (k: number): number => (100 * k) / (tileCells - 1)
  return {
    tileI: Math.floor(i[cell]! / tileCells),
    tileJ: Math.floor(j[cell]! / tileCells),
    position: `${share(column)}% ${share(row)}%`,
    size: `${100 * tileCells}%`,
  }
}
