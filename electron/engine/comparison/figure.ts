import { signed } from '../../contract/signed.ts'
import { iconEdge, LEAST_WIDTH } from '../class-atlas/figure.ts'
import { cellHeight, cellWidth, drawCells, type FigureCell } from '../class-atlas/figure-cells.ts'
import { DARK, Figure, paragraphLines } from '../figures/figure.ts'
import type { Picture } from '../images/encode.ts'

/** A cell of the ranked list. */
export interface RankedLine {
  readonly icon: Uint8Array | undefined
  /** `+1.25 logits (0.91 to 1.62)`. */
  readonly difference: string
  /** `34 samples of 21 photographs`. */
  readonly evidence: string
  /** `steam locomotive 0.8, …`. */
  readonly otherClasses: string
  /** Its interval lies beyond chance; others are faint. */
  readonly significant: boolean
}

interface ComparisonFigure {
  readonly left: string
  readonly right: string
  readonly place: string
  readonly about: readonly string[]
  readonly key: string
  readonly grid: number
  readonly cells: readonly FigureCell[]
  readonly trim: number
  /** Logits at the edges. */
  readonly scale: number
  readonly ranked: { readonly left: readonly RankedLine[]; readonly right: readonly RankedLine[] }
}

const MARGIN = 40
const ROW = 78
/** The lines below the map. */
const KEY = { size: 11.5 }
const KEY_LEAD = 17

/** Draws a comparison: the axis with its zero, the cells, and below them the ranked cells. */
export async function comparisonFigure(comparison: ComparisonFigure): Promise<Picture> {
  const { grid, trim, scale, ranked } = comparison
  const icon = iconEdge(grid)
  const across = grid * cellWidth(icon)
  const width = 2 * MARGIN + Math.max(LEAST_WIDTH, across)
  const right = width - MARGIN
  const middle = width / 2
  const head = MARGIN + 50 + 20 * (comparison.about.length + 1)
  const top = head + 34
  const bottom = top + grid * cellHeight(icon)
  const rows = Math.max(ranked.left.length, ranked.right.length)
  const keyLines = paragraphLines(comparison.key, right - MARGIN, KEY).length
  const ruled = bottom + 37 + KEY_LEAD * keyLines
  const list = ruled + 30
  const figure = new Figure(width, list + 18 + rows * ROW + MARGIN)

  const half = (right - MARGIN) / 2 - 20
  figure.text(comparison.left, MARGIN, MARGIN + 24, { size: 28, weight: 600, colour: DARK.negative, width: half })
  figure.text(comparison.right, right, MARGIN + 24, {
    size: 28,
    weight: 600,
    colour: DARK.positive,
    align: 'right',
    width: half,
  })
  for (const [line, text] of [comparison.place, ...comparison.about].entries())
    figure.text(text, MARGIN, MARGIN + 50 + 20 * line, { size: 13, colour: DARK.soft, width: right - MARGIN })

  axis(figure, { left: middle - across / 2, right: middle + across / 2, middle, y: head + 24, bottom, scale })
  await drawCells(figure, { left: middle - across / 2, top, grid, icon, trim }, comparison.cells)
  figure.paragraph(comparison.key, MARGIN, bottom + 22, right - MARGIN, KEY_LEAD, { ...KEY, colour: DARK.faint })

  figure.line(MARGIN, ruled, right, ruled, DARK.line)
  await side(
    figure,
    `attribution to ${comparison.left} over ${comparison.right}`,
    ranked.left,
    MARGIN,
    list,
    middle - 20 - MARGIN,
    trim,
    DARK.negative,
  )
  await side(
    figure,
    `attribution to ${comparison.right} over ${comparison.left}`,
    ranked.right,
    middle + 10,
    list,
    right - middle - 10,
    trim,
    DARK.positive,
  )
  return figure.picture()
}

interface Axis {
  readonly left: number
  readonly right: number
  readonly middle: number
  readonly y: number
  readonly bottom: number
  readonly scale: number
}

/** Zero is a line through all cells; the ends and halves are ticks. */
function axis(figure: Figure, { left, right, middle, y, bottom, scale }: Axis): void {
  figure.line(left, y, right, y, DARK.strong)
  figure.line(middle, y - 5, middle, bottom, DARK.strong)
  figure.text('0', middle, y - 10, { size: 13, weight: 600, align: 'middle' })
  for (const share of [-1, -0.5, 0.5, 1]) {
    const x = middle + (share * (right - left)) / 2
    figure.line(x, y - 5, x, y + 5, DARK.strong)
    const text = signed(share * scale)
    const align = share === -1 ? 'left' : share === 1 ? 'right' : 'middle'
    figure.text(Math.abs(share) === 1 ? `${text} logits` : text, x, y - 10, { size: 11.5, colour: DARK.soft, align })
  }
}

async function side(
  figure: Figure,
  title: string,
  lines: readonly RankedLine[],
  left: number,
  top: number,
  width: number,
  trim: number,
  colour: string,
): Promise<void> {
  figure.text(title, left, top, { size: 14, weight: 600, colour, width })
  if (lines.length === 0) figure.text('no cell', left, top + 30, { size: 12.5, colour: DARK.faint })
  for (const [at, line] of lines.entries()) {
    const y = top + 18 + at * ROW
    if (line.icon) await figure.icon(line.icon, Math.round(left), Math.round(y), ROW - 12, trim)
    const x = left + ROW + 2
    const rest = width - ROW - 2
    figure.text(line.difference, x, y + 18, {
      size: 14,
      weight: 600,
      colour: line.significant ? DARK.text : DARK.faint,
      width: rest,
    })
    figure.text(line.evidence, x, y + 38, { size: 12, colour: DARK.soft, width: rest })
    figure.text(line.otherClasses, x, y + 57, { size: 12, colour: DARK.soft, width: rest })
  }
}
