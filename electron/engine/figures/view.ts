import type { FigurePane } from '../../contract/figure.ts'
import { DARK, Figure, paragraphLines } from './figure.ts'

const CAPTION_LINE = 18
const PAD = 10
const LABEL_HEIGHT = 22
const SIZE = 12

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
      Math.max(...panes.map(pane => pane.top + pane.height)) + 2 * PAD + captionLines(panes).length * CAPTION_LINE,
  }
}

/**
 * The panes of the window as a figure: maps, labels, legends, and below them a caption for every pane.
 * @param maps a PNG for each pane
 */
export function viewFigure(panes: readonly FigurePane[], maps: readonly Uint8Array[]): Figure {
  const { width, height } = viewSize(panes)
  const figure = new Figure(width, height)
  for (const [k, pane] of panes.entries()) {
    const { left, top } = pane
    figure.image(maps[k]!, left, top, pane.width, pane.height)
    for (const label of pane.labels) {
      const [x, y] = [left + label.x, top + label.y]
      figure.rectangle(x, y, label.width, LABEL_HEIGHT, DARK.ground, { opacity: 0.62, radius: 4 })
      const style = { size: SIZE, weight: 600, colour: '#ffffff', align: 'middle', width: label.width - 8 } as const
      figure.text(label.text, x + label.width / 2, y + 15.5, style)
    }
    for (const [line, { text, colour }] of pane.legend.entries()) {
      const y = top + PAD + line * CAPTION_LINE
      figure.rectangle(left + PAD, y, 10, 10, `rgb(${colour.join()})`)
      figure.text(text, left + PAD + 16, y + 9, { size: SIZE, width: pane.width - 2 * PAD - 16 })
    }
  }
  const first = height - PAD - captionLines(panes).length * CAPTION_LINE + 13
  for (const [k, line] of captionLines(panes).entries())
    figure.text(line, PAD, first + k * CAPTION_LINE, { size: SIZE, colour: DARK.soft, width: width - 2 * PAD })
  return figure
}

/** The texts that a figure of the window sets. */
export const textsOfView = (panes: readonly FigurePane[]): readonly string[] =>
  panes.flatMap(({ labels, legend, caption }) => [...labels, ...legend].map(({ text }) => text).concat(caption))
