import { iconScale } from '../atlas/picture.ts'
import { DARK, type Figure } from '../figures/figure.ts'

/** A cell of a figure. */
export interface FigureCell {
  /** Row, and the column that it is drawn in. */
  readonly row: number
  readonly column: number
  readonly count: number
  /** Undefined: hidden, or its icon failed. */
  readonly icon: Uint8Array | undefined
  /** Written below it. */
  readonly label: string
  /** −1 to 1: a bar below the label, to the right for positive attribution, to the left for negative; null: none. */
  readonly bar: number | null
  /** Written below the label in place of a bar. */
  readonly note?: string
}

export interface CellFrame {
  readonly left: number
  readonly top: number
  /** Cells per edge. */
  readonly grid: number
  /** Edge of a cell's square for the icon, pixels. */
  readonly icon: number
  readonly trim: number
}

/** Below the icon's square: the label's line and the bar. */
const LABEL = 15
const BAR = 7
const GAP = 10
const SMALL = 10.5

export const cellWidth = (icon: number): number => icon + GAP
export const cellHeight = (icon: number): number => icon + LABEL + BAR + GAP

/** Draws cells at their places: icons sized by counts, labels, and bars of attribution. Hidden ones are dots. */
export async function drawCells(figure: Figure, frame: CellFrame, cells: readonly FigureCell[]): Promise<void> {
  const { left, top, icon, trim } = frame
  const shown = cells.filter(cell => cell.icon !== undefined)
  const mean = shown.reduce((sum, { count }) => sum + count / shown.length, 0)
  for (const cell of cells) {
    const x = left + cell.column * cellWidth(icon) + GAP / 2
    const y = top + cell.row * cellHeight(icon) + GAP / 2
    const middle = x + icon / 2
    if (cell.icon === undefined) {
      figure.dot(middle, y + icon / 2, 2, DARK.strong)
      continue
    }
    // Icons of few samples are smaller, but always large enough to be recognised.
    const size = Math.round(icon * Math.max(0.55, iconScale(cell.count, mean, 1)))
    const at = Math.floor((icon - size) / 2)
    await figure.icon(cell.icon, Math.round(x) + at, Math.round(y) + at, size, trim)
    figure.text(cell.label, middle, y + icon + LABEL - 3, {
      size: SMALL,
      colour: DARK.soft,
      align: 'middle',
      width: icon + GAP - 4,
    })
    if (cell.bar === null) {
      if (cell.note !== undefined)
        figure.text(cell.note, middle, y + icon + LABEL + 9, { size: SMALL - 1, colour: DARK.faint, align: 'middle' })
      continue
    }
    const reach = (icon / 2) * Math.min(1, Math.abs(cell.bar))
    const barTop = y + icon + LABEL + 1
    figure.rectangle(x, barTop + 1, icon, 1, DARK.line)
    if (cell.bar >= 0) figure.rectangle(middle, barTop, reach, 3, DARK.positive)
    else figure.rectangle(middle - reach, barTop, reach, 3, DARK.negative)
  }
}
