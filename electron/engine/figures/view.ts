import type { FigurePane } from '../../contract/figure.ts'
import { DARK, Figure, paragraphLines, type Theme } from './figure.ts'

const CAPTION_LINE = 18
const PAD = 10
const LABEL = 14
const SIZE = 12
const AXIS_HEIGHT = 42

/** The lines of all captions, broken between words, each pane's with its letter. */
function captionLines(panes: readonly FigurePane[]): readonly string[] {
  const width = Math.max(...panes.map(pane => pane.left + pane.width)) - 2 * PAD
  return panes.flatMap((pane, k) => paragraphLines(letter(k, panes.length) + pane.caption, width, { size: SIZE }))
}
const letter = (k: number, of: number): string => (of === 1 ? '' : `(${String.fromCharCode(97 + k)}) `)

/** @returns the size of a figure of the window's panes in CSS pixels, captions included */
export function viewSize(panes: readonly FigurePane[]): { readonly width: number; readonly height: number } {
  return {
    width: Math.max(...panes.map(pane => pane.left + pane.width)),
    height:
      Math.max(...panes.map(pane => pane.top + pane.height + (pane.axis ? AXIS_HEIGHT : 0))) +
      2 * PAD +
      captionLines(panes).length * CAPTION_LINE,
  }
}

/**
 * The panes of the window as a figure: maps, labels, legends, and below them a caption for every pane.
 * @param maps a PNG for each pane
 */
export function viewFigure(panes: readonly FigurePane[], maps: readonly Uint8Array[], theme: Theme = DARK): Figure {
  const { width, height } = viewSize(panes)
  const figure = new Figure(width, height, theme)
  for (const [k, pane] of panes.entries()) {
    const { left, top } = pane
    figure.image(maps[k]!, left, top, pane.width, pane.height)
    if (pane.axis) drawAxis(figure, pane, pane.axis)
    for (const label of pane.labels) {
      const [x, y] = [left + label.x, top + label.y]
      // As on the map: white, legible on any icon by its dark edge.
      const style = {
        size: LABEL,
        weight: 600,
        colour: '#ffffff',
        align: 'middle',
        width: label.width,
        halo: '#000000',
      } as const
      figure.text(label.text, x + label.width / 2, y + 17, style)
    }
    for (const [line, { text, colour }] of pane.legend.entries()) {
      const y = top + PAD + line * CAPTION_LINE
      figure.rectangle(left + PAD, y, 10, 10, `rgb(${colour.join()})`)
      figure.text(text, left + PAD + 16, y + 9, { size: SIZE, width: pane.width - 2 * PAD - 16 })
    }
  }
  const first = height - PAD - captionLines(panes).length * CAPTION_LINE + 13
  for (const [k, line] of captionLines(panes).entries())
    figure.text(line, PAD, first + k * CAPTION_LINE, { size: SIZE, colour: theme.soft, width: width - 2 * PAD })
  return figure
}

/** The axis below a comparison, and its zero as a line through the map. */
function drawAxis(
  figure: Figure,
  { left, top, width, height }: FigurePane,
  { ticks, left: low, right: high, title }: NonNullable<FigurePane['axis']>,
): void {
  const bottom = top + height
  const { theme } = figure
  figure.line(left, bottom + 0.5, left + width, bottom + 0.5, theme.strong)
  for (const { text, x, zero } of ticks) {
    if (x < 0 || x > width) continue
    if (zero) figure.line(left + x, top, left + x, bottom, theme.strong)
    figure.line(left + x, bottom, left + x, bottom + 4, theme.strong)
    const colour = zero ? theme.text : theme.soft
    figure.text(text, left + x, bottom + 17, { size: 11, colour, align: 'middle' })
  }
  const third = width / 3 - PAD
  const y = bottom + 35
  figure.text(`← ${low}`, left + PAD, y, { size: SIZE, colour: theme.negative, width: third })
  figure.text(title, left + width / 2, y, { size: SIZE, colour: theme.soft, align: 'middle', width: third })
  const style = { size: SIZE, colour: theme.positive, align: 'right', width: third } as const
  figure.text(`${high} →`, left + width - PAD, y, style)
}
