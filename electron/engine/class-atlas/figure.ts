import { DARK, Figure } from '../figures/figure.ts'
import type { Picture } from '../images/encode.ts'
import { type CellFrame, cellHeight, cellWidth, drawCells, type FigureCell } from './figure-cells.ts'

interface ClassFigure {
  /** `fireboat`. */
  readonly title: string
  /** `mixed4d`, the network. */
  readonly place: string
  /** Lines below the title: counts of samples, and the layout. */
  readonly about: readonly string[]
  /** The scale of the bars: `attribution to fireboat, full at 1.32 logits`. */
  readonly key: string
  readonly grid: number
  readonly cells: readonly FigureCell[]
  readonly trim: number
}

const MARGIN = 40
/** Minimum width for heading and key, with few cells. */
export const LEAST_WIDTH = 720
/** Edge of an icon: twenty by twenty fit a screen. */
export const iconEdge = (grid: number): number => Math.max(36, Math.min(88, Math.floor(1100 / grid)))

/** Draws a class atlas with its heading, the strongest class of every cell, and its attribution to the class. */
export async function classFigure(atlas: ClassFigure): Promise<Picture> {
  const { title, place, about, key, grid, cells, trim } = atlas
  const icon = iconEdge(grid)
  const top = MARGIN + 44 + 20 * about.length + 12
  const bottom = top + grid * cellHeight(icon)
  const figure = new Figure(2 * MARGIN + Math.max(LEAST_WIDTH, grid * cellWidth(icon)), bottom + MARGIN + 36)
  const right = figure.width - MARGIN
  figure.text(title, MARGIN, MARGIN + 24, { size: 30, weight: 600, width: right - MARGIN - 220 })
  figure.text(place, right, MARGIN + 24, { size: 15, colour: DARK.soft, align: 'right' })
  for (const [line, text] of about.entries())
    figure.text(text, MARGIN, MARGIN + 50 + 20 * line, { size: 13, colour: DARK.soft, width: right - MARGIN })
  figure.line(MARGIN, top - 10, right, top - 10, DARK.line)
  const left = (figure.width - grid * cellWidth(icon)) / 2
  const frame: CellFrame = { left, top, grid, icon, trim }
  await drawCells(figure, frame, cells)
  figure.line(MARGIN, bottom + 8, right, bottom + 8, DARK.line)
  figure.paragraph(key, MARGIN, bottom + 30, right - MARGIN, 17, { size: 11.5, colour: DARK.faint })
  return figure.picture()
}
