import sharp, { type Sharp } from 'sharp'
import type { Picture } from '../images/encode.ts'
import { decodeStored } from '../images/stored-picture.ts'
import { type Element, lowered } from './elements.ts'
import type { Weight } from './fonts.ts'
import { Lettering } from './lettering.ts'
import { pdfOf } from './pdf.ts'
import { svgOf } from './svg.ts'

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

/**
 * A figure: what is drawn, in order, as SVG, as PDF, or rasterised by sharp. Text is set in bundled fonts, so that it looks the
 * same on every machine. Coordinates are pixels from the top left corner.
 */
export class Figure {
  /** Both may be changed after drawing. */
  width: number
  height: number
  readonly theme: Theme
  readonly #elements: Element[] = []

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
    this.#elements.push({ kind: 'image', png, left, top, width, height })
  }

  /** @returns its width in pixels */
  text(text: string, x: number, y: number, style: TextStyle = {}): number {
    const { size = 13, weight = 400, colour = this.theme.text, align = 'left', width, halo } = style
    const letters = Lettering.of(weight)
    const shown = width === undefined ? text : letters.fitted(text, size, width)
    const across = letters.width(shown, size)
    const from = align === 'left' ? x : align === 'right' ? x - across : x - across / 2
    this.#elements.push({ kind: 'text', text, shown, x: from, y, size, weight, colour, halo })
    return across
  }

  /** Text wrapped between words. @returns the number of lines */
  paragraph(text: string, x: number, y: number, width: number, lead: number, style: TextStyle = {}): number {
    const lines = paragraphLines(text, width, style)
    for (const [line, words] of lines.entries()) this.text(words, x, y + line * lead, { ...style, width })
    return lines.length
  }

  rectangle(left: number, top: number, width: number, height: number, fill: string, style: RectangleStyle = {}): void {
    this.#elements.push({ kind: 'rectangle', left, top, width, height, fill, ...style })
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): void {
    this.#elements.push({ kind: 'line', x1, y1, x2, y2, colour, width })
  }

  polyline(points: readonly (readonly [x: number, y: number])[], colour: string, width = 1): void {
    this.#elements.push({ kind: 'polyline', points, colour, width })
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.#elements.push({ kind: 'dot', x, y, radius, colour })
  }

  /**
   * @param scale       pixels of the raster for each pixel of the figure
   * @param millimetres width of the figure in print, instead of pixels
   */
  svg(scale = 1, millimetres: number | null = null): string {
    const { width, height, theme } = this
    const extent =
      millimetres === null
        ? { width: `${scale * width}`, height: `${scale * height}` }
        : { width: `${millimetres}mm`, height: `${((millimetres * height) / width).toFixed(2)}mm` }
    return svgOf(this.#elements, { width, height, background: theme.background, extent })
  }

  /** As one page of a PDF, with real text and vector shapes. @param millimetres width of the page */
  pdf(millimetres: number): Promise<Buffer> {
    const { width, height, theme } = this
    return pdfOf(this.#elements, { width, height, background: theme.background, millimetres })
  }

  /** Everything that it sets, for `unsetLetters`. */
  get texts(): readonly string[] {
    return this.#elements.flatMap(element => (element.kind === 'text' ? [element.text] : []))
  }

  /** Appends another figure of the same theme below. */
  append(other: Figure): void {
    for (const element of other.#elements) this.#elements.push(lowered(element, this.height))
    this.height += other.height
    this.width = Math.max(this.width, other.width)
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
