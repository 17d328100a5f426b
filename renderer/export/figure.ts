import type { AtlasSummary } from '../../electron/contract/atlas.ts'
import type { Rgb } from '../atlas/colours.ts'
import { number } from '../ui/text.ts'

/** A pane of a figure. Positions and sizes in CSS pixels of the workspace. */
export interface FigurePane {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** The labels and their positions in the pane. */
  readonly labels: readonly { readonly text: string; readonly x: number; readonly y: number; readonly width: number }[]
  /** Classes and their colours. */
  readonly legend: readonly { readonly text: string; readonly colour: Rgb }[]
  /** Model, layer, counts, layout, preset, seed. */
  readonly caption: string
}

const CAPTION_LINE = 18
const PAD = 10
const LABEL_HEIGHT = 22
const BACKGROUND = '#0e0f11'
const TEXT = '#e8eaed'
const SOFT = '#b4bac3'
const FONT = 'Inter, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Portolan Scripts", sans-serif'

/** The caption of a pane: model, layer, how much is shown, and what is needed to reproduce it. */
export function captionOf(atlas: AtlasSummary, grid: number, extra: readonly string[] = []): string {
  const g = atlas.grids.find(each => each.grid === grid)
  const shown = g
    ? `${number(g.samplesShown)} of ${number(atlas.samples)} samples in ${number(g.shown)} of ${number(g.total)} cells`
    : `${number(atlas.samples)} samples`
  return [
    `${atlas.layer} of ${atlas.modelName}: ${shown} at ${grid} × ${grid}`,
    `layout ${atlas.method}`,
    `icons ${atlas.preset}, seed ${atlas.seed}`,
    ...extra,
  ].join('; ')
}

/** @returns size of a figure in CSS pixels, captions included */
export function figureSize(panes: readonly FigurePane[]): { readonly width: number; readonly height: number } {
  return {
    width: Math.max(...panes.map(p => p.left + p.width)),
    height: Math.max(...panes.map(p => p.top + p.height)) + captionHeight(panes),
  }
}

/** Width per character of 12 px text in the widest of the typefaces, px. */
const PER_CHARACTER = 7.4

/** The lines of a caption, broken between words. */
export function wrapped(text: string, width: number): readonly string[] {
  const maxLength = Math.max(20, Math.floor(width / PER_CHARACTER))
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > maxLength) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function captionLines(panes: readonly FigurePane[]): readonly string[] {
  const width = Math.max(...panes.map(p => p.left + p.width)) - 2 * PAD
  return panes.flatMap((pane, k) => wrapped(letter(k, panes.length) + pane.caption, width))
}
const captionHeight = (panes: readonly FigurePane[]): number => 2 * PAD + captionLines(panes).length * CAPTION_LINE
const letter = (k: number, of: number): string => (of === 1 ? '' : `(${String.fromCharCode(97 + k)}) `)

type Context = Pick<
  OffscreenCanvasRenderingContext2D,
  'fillStyle' | 'font' | 'fillRect' | 'fillText' | 'drawImage' | 'scale' | 'textBaseline'
>

/** Draws a figure: maps, labels, legends and a caption for every pane. @param scale pixels per CSS pixel */
export function drawFigure(
  context: Context,
  panes: readonly FigurePane[],
  maps: readonly CanvasImageSource[],
  scale: number,
): void {
  const { width, height } = figureSize(panes)
  context.scale(scale, scale)
  context.fillStyle = BACKGROUND
  context.fillRect(0, 0, width, height)
  context.textBaseline = 'middle'
  panes.forEach((pane, k) => {
    context.drawImage(maps[k]!, pane.left, pane.top, pane.width, pane.height)
    context.font = `500 12px ${FONT}`
    for (const label of pane.labels) {
      context.fillStyle = 'rgb(14 15 17 / 62%)'
      context.fillRect(pane.left + label.x, pane.top + label.y, label.width, LABEL_HEIGHT)
      context.fillStyle = '#fff'
      context.fillText(label.text, pane.left + label.x + 6, pane.top + label.y + LABEL_HEIGHT / 2, label.width - 12)
    }
    pane.legend.forEach(({ text, colour }, line) => {
      const y = pane.top + PAD + line * CAPTION_LINE
      context.fillStyle = `rgb(${colour.join()})`
      context.fillRect(pane.left + PAD, y, 10, 10)
      context.fillStyle = TEXT
      context.fillText(text, pane.left + PAD + 16, y + 5)
    })
  })
  const top = height - captionHeight(panes) + PAD + CAPTION_LINE / 2
  context.font = `12px ${FONT}`
  context.fillStyle = SOFT
  captionLines(panes).forEach((line, k) => {
    context.fillText(line, PAD, top + k * CAPTION_LINE, width - 2 * PAD)
  })
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)

/** The figure as SVG, with text as text. @param maps addresses of the map images, `data:` for a self-contained file */
export function figureSvg(panes: readonly FigurePane[], maps: readonly string[]): string {
  const { width, height } = figureSize(panes)
  const top = height - captionHeight(panes) + PAD + CAPTION_LINE / 2
  const groups = panes.map((pane, k) =>
    [
      `<g transform="translate(${pane.left} ${pane.top})">`,
      `<image width="${pane.width}" height="${pane.height}" href="${maps[k]}"/>`,
      ...pane.labels.map(
        l =>
          `<rect x="${l.x}" y="${l.y}" width="${l.width}" height="${LABEL_HEIGHT}" rx="4" fill="${BACKGROUND}" fill-opacity=".62"/>` +
          `<text x="${l.x + l.width / 2}" y="${l.y + LABEL_HEIGHT / 2}" text-anchor="middle" font-weight="500" fill="#fff">${escaped(l.text)}</text>`,
      ),
      ...pane.legend.map(
        ({ text, colour }, line) =>
          `<rect x="${PAD}" y="${PAD + line * CAPTION_LINE}" width="10" height="10" fill="rgb(${colour.join()})"/>` +
          `<text x="${PAD + 16}" y="${PAD + line * CAPTION_LINE + 5}" fill="${TEXT}">${escaped(text)}</text>`,
      ),
      '</g>',
    ].join('\n'),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(FONT)}" font-size="12" dominant-baseline="central">`,
    `<title>${escaped(panes.map(p => p.caption).join('. '))}</title>`,
    `<rect width="${width}" height="${height}" fill="${BACKGROUND}"/>`,
    ...groups,
    ...captionLines(panes).map(
      (line, k) => `<text x="${PAD}" y="${top + k * CAPTION_LINE}" fill="${SOFT}">${escaped(line)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n')
}
