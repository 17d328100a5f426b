import sharp, { type Sharp } from 'sharp'
import { visible } from '../../contract/visible.ts'
import type { Picture } from '../images/encode.ts'
import { decodeStored } from '../images/stored-picture.ts'
import type { Weight } from './fonts.ts'
import { Lettering } from './lettering.ts'

export interface Theme {
  readonly background: string
  readonly text: string
  readonly soft: string
  readonly faint: string
  readonly line: string
  readonly strong: string
  /** Attribution for and against a class. */
  readonly positive: string
  readonly negative: string
}

/** The window's dark frame, so that a figure and the window look alike. */
export const DARK: Theme = {
  background: '#0e0f11',
  text: '#e8eaed',
  soft: '#b4bac3',
  faint: '#929aa5',
  line: '#2b2f35',
  strong: '#737b86',
  positive: '#e6b35c',
  negative: '#7fa8e8',
}

/** Ink on paper. */
export const LIGHT: Theme = {
  background: '#ffffff',
  text: '#1c1c1c',
  soft: '#4d4d4d',
  faint: '#8a8a8a',
  line: '#d9d9d9',
  strong: '#737373',
  positive: '#b36b00',
  negative: '#0b5394',
}

/** Colours of classes, distinguishable with colour blindness (Okabe and Ito 2008). */
export const CLASS_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442'] as const

/** A colour scale from white to deep blue with decreasing lightness, also in grey print. @param share 0…1 */
export function heat(share: number): string {
  const t = Math.min(1, Math.max(0, share))
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * t)
  return `rgb(${mix(247, 8)},${mix(249, 60)},${mix(252, 125)})`
}

export interface TextStyle {
  readonly size?: number
  readonly weight?: Weight
  readonly colour?: string
  readonly align?: 'left' | 'middle' | 'right'
  /** Maximum width in pixels; longer text is truncated with an ellipsis. */
  readonly width?: number
  /** Colour of an edge around the letters, which keeps them legible on a picture. */
  readonly halo?: string
}

export interface RectangleStyle {
  readonly opacity?: number
  readonly stroke?: string
  /** Of rounded corners. */
  readonly radius?: number
}

/** The lines of a text that is wrapped between words. @param width in pixels */
export function paragraphLines(
  text: string,
  width: number,
  { size = 13, weight = 400 }: TextStyle = {},
): readonly string[] {
  const letters = Lettering.of(weight)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`
    if (lines.length === 0 || letters.width(longer, size) > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

/** A text as the value of an attribute. */
const escaped = (text: string): string => visible(text).replace(/[&<>"]/g, letter => `&#${letter.charCodeAt(0)};`)

/**
 * A figure as SVG, with all text as outlines, so that it looks the same on every machine; each outline has
 * its text as a label, for search and screen readers. Rasterised by sharp.
 * Coordinates are pixels from the top left corner.
 */
export class Figure {
  readonly width: number
  /** May be changed after drawing. */
  height: number
  readonly theme: Theme
  readonly #elements: string[] = []

  constructor(width: number, height: number, theme: Theme = DARK) {
    this.width = width
    this.height = height
    this.theme = theme
  }

  /**
   * @param webp an icon of a project
   * @param trim cropped from every side, as a fraction of its edge
   */
  async icon(webp: Uint8Array, left: number, top: number, size: number, trim: number): Promise<void> {
    const png = await decodeStored(webp, async image => {
      const { width } = await image.metadata()
      const cut = Math.floor(width * trim)
      const inner = width - 2 * cut
      return image
        .extract({ left: cut, top: cut, width: inner, height: inner })
        .resize(size, size, { kernel: 'cubic' })
        .png()
        .toBuffer()
    })
    this.image(png, left, top, size, size)
  }

  /** A picture, fitted into a box and centred in it. @param png its bytes */
  image(png: Uint8Array, left: number, top: number, width: number, height: number): void {
    const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
    this.#elements.push(`<image x="${left}" y="${top}" width="${width}" height="${height}" xlink:href="${href}"/>`)
  }

  /** @returns its width in pixels */
  text(text: string, x: number, y: number, style: TextStyle = {}): number {
    const { size = 13, weight = 400, colour = this.theme.text, align = 'left', width, halo } = style
    const letters = Lettering.of(weight)
    const shown = width === undefined ? text : letters.fitted(text, size, width)
    const across = letters.width(shown, size)
    const from = align === 'left' ? x : align === 'right' ? x - across : x - across / 2
    const outlines = letters.outlines(shown, from, y, size)
    const edge =
      halo === undefined
        ? ''
        : ` stroke="${halo}" stroke-opacity="0.8" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
    this.#elements.push(`<path role="img" aria-label="${escaped(text)}" d="${outlines}" fill="${colour}"${edge}/>`)
    return across
  }

  /** Text wrapped between words. @returns the number of lines */
  paragraph(text: string, x: number, y: number, width: number, lead: number, style: TextStyle = {}): number {
    const lines = paragraphLines(text, width, style)
    for (const [line, words] of lines.entries()) this.text(words, x, y + line * lead, { ...style, width })
    return lines.length
  }

  rectangle(left: number, top: number, width: number, height: number, fill: string, style: RectangleStyle = {}): void {
    const { opacity, stroke, radius } = style
    const more = `${radius === undefined ? '' : ` rx="${radius}"`}${opacity === undefined ? '' : ` fill-opacity="${opacity}"`}${stroke === undefined ? '' : ` stroke="${stroke}"`}`
    this.#elements.push(`<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${fill}"${more}/>`)
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): void {
    this.#elements.push(
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"/>`,
    )
  }

  polyline(points: readonly (readonly [x: number, y: number])[], colour: string, width = 1): void {
    const list = points.map(([x, y]) => `${x},${y}`).join(' ')
    this.#elements.push(`<polyline fill="none" stroke="${colour}" stroke-width="${width}" points="${list}"/>`)
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.#elements.push(`<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"/>`)
  }

  /** @param scale pixels of the raster for each pixel of the figure */
  svg(scale = 1): string {
    const { width, height } = this
    const size = `width="${scale * width}" height="${scale * height}" viewBox="0 0 ${width} ${height}"`
    const background = `<rect width="${width}" height="${height}" fill="${this.theme.background}"/>`
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${background}${this.#elements.join('')}</svg>`
  }

  async picture(): Promise<Picture> {
    const { data, info } = await this.#raster(1).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return { rgb: new Uint8Array(data), width: info.width, height: info.height }
  }

  /**
   * As a PNG; by default of twice the size, so that small type stays sharp in print.
   * @param dpi pixels per inch that the file states
   */
  png(scale = 2, dpi: number | null = null): Promise<Buffer> {
    const raster = this.#raster(scale)
    return (dpi === null ? raster : raster.withMetadata({ density: dpi })).png().toBuffer()
  }

  /** Without sharp's limits: a figure contains its icons, and may be large. */
  #raster(scale: number): Sharp {
    return sharp(Buffer.from(this.svg(scale)), { limitInputPixels: false, unlimited: true })
  }
}
