import type { Cells } from '../../electron/contract/atlas.ts'
import type { LayerShare } from '../../electron/contract/class-atlas.ts'

/** A cell's part of a strip: from `from` to `to`, as shares of what is drawn on its side. */
export interface Part {
  /** Index in `Cells`. */
  readonly cell: number
  readonly from: number
  readonly to: number
}

export interface Strip {
  /** Largest first; those too thin to be seen are together in `rest`. */
  readonly parts: readonly Part[]
  /** Cells that are shown on the map, but too thin here, and what they carry together. */
  readonly rest: { readonly cells: number; readonly share: number }
  /** Share of cells that hold too few samples to be shown. */
  readonly hidden: number
  /** The sum that is 1 here, in logits. */
  readonly total: number
  /** Least number of cells that carry half of it; 0 where the shown cells do not reach half. */
  readonly half: number
}

/** A part thinner than this share of the widest strip cannot be seen. */
const THINNEST = 0.006

/**
 * What speaks for a class (or for the right one of two) by cell: each cell's sum of positive attributions over its
 * samples, as a share of that of all samples of the layer.
 * @param width of the strip, as a share of the widest there is: what is too thin to be seen depends on it
 */
export function positiveStrip(share: Pick<LayerShare, 'cellsPositive' | 'positive'>, width = 1): Strip {
  return stripOf(share.cellsPositive, share.positive, width)
}

/** What speaks against it (or for the left one): sums of negative attributions, turned round. */
export function negativeStrip(share: Pick<LayerShare, 'cells' | 'cellsPositive' | 'negative'>, width = 1): Strip {
  return stripOf(
    share.cells.map((sum, k) => share.cellsPositive[k]! - sum),
    -share.negative,
    width,
  )
}

function stripOf(values: Float32Array, total: number, width: number): Strip {
  if (!(total > 0)) return { parts: [], rest: { cells: 0, share: 0 }, hidden: 0, total: 0, half: 0 }
  const order = Array.from(values.keys())
    .filter(k => values[k]! > 0)
    .sort((a, b) => values[b]! - values[a]!)
  const parts: Part[] = []
  let rest = 0
  let sum = 0
  let half = 0
  order.forEach((cell, k) => {
    const share = values[cell]! / total
    if (share * width >= THINNEST) parts.push({ cell, from: sum, to: sum + share })
    else rest += share
    sum += share
    if (half === 0 && sum >= 0.5) half = k + 1
  })
  return { parts, rest: { cells: order.length - parts.length, share: rest }, hidden: Math.max(0, 1 - sum), total, half }
}

/** Where a cell's icon lies in its sheet, as CSS. */
export function iconInSheet(
  { i, j }: Pick<Cells, 'i' | 'j'>,
  cell: number,
  sheetCells: number,
): { readonly tileI: number; readonly tileJ: number; readonly position: string; readonly size: string } {
  const [row, column] = [i[cell]! % sheetCells, j[cell]! % sheetCells]
  const share = (k: number): number => (100 * k) / (sheetCells - 1)
  return {
    tileI: Math.floor(i[cell]! / sheetCells),
    tileJ: Math.floor(j[cell]! / sheetCells),
    position: `${share(column)}% ${share(row)}%`,
    size: `${100 * sheetCells}%`,
  }
}
