import sharp from 'sharp'
import type { Picture } from '../images/encode.ts'
import type { Weight } from './fonts.ts'
import { Lettering } from './lettering.ts'

/** Colours of the window's dark frame, so that a figure and the window look alike. */
export const ink = {
  ground: '#0e0f11',
  text: '#e8eaed',
  soft: '#b4bac3',
  faint: '#929aa5',
  line: '#2b2f35',
  strong: '#737b86',
  for: '#e6b35c',
  against: '#7fa8e8',
} as const

export interface TextStyle {
  readonly size?: number
  readonly weight?: Weight
  readonly colour?: string
  readonly align?: 'left' | 'middle' | 'right'
  /** Cut with an ellipsis beyond so many pixels. */
  readonly width?: number
}

/** A picture of icons with lines and lettering over them. Coordinates are pixels from the top left corner. */
export class Figure {
  readonly width: number
  readonly height: number
  readonly #icons: { readonly input: Buffer; readonly left: number; readonly top: number }[] = []
  readonly #shapes: string[] = []

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
  }

  /**
   * @param encoded any picture
   * @param trim    cut from every side, as a share of its edge
   */
  async icon(encoded: Uint8Array, left: number, top: number, size: number, trim: number): Promise<void> {
    const image = sharp(encoded)
    const { width } = await image.metadata()
    const cut = Math.floor(width * trim)
    const inner = width - 2 * cut
    const input = await image
      .extract({ left: cut, top: cut, width: inner, height: inner })
      .resize(size, size, { kernel: 'cubic' })
      .png()
      .toBuffer()
    this.#icons.push({ input, left, top })
  }

  /** @returns pixels that it takes across */
  text(text: string, x: number, y: number, style: TextStyle = {}): number {
    const { size = 13, weight = 400, colour = ink.text, align = 'left', width } = style
    const letters = Lettering.of(weight)
    const shown = width === undefined ? text : letters.fitted(text, size, width)
    const across = letters.width(shown, size)
    const from = align === 'left' ? x : align === 'right' ? x - across : x - across / 2
    this.#shapes.push(`<path d="${letters.outlines(shown, from, y, size)}" fill="${colour}"/>`)
    return across
  }

  /** Text over several lines, broken between words. @returns how many lines it takes */
  paragraph(text: string, x: number, y: number, width: number, lead: number, style: TextStyle = {}): number {
    const { size = 13, weight = 400 } = style
    const letters = Lettering.of(weight)
    const lines: string[] = []
    for (const word of text.split(' ')) {
      const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`
      if (lines.length === 0 || letters.width(longer, size) > width) lines.push(word)
      else lines[lines.length - 1] = longer
    }
    for (const [line, words] of lines.entries()) this.text(words, x, y + line * lead, { ...style, width })
    return lines.length
  }

  rectangle(left: number, top: number, width: number, height: number, colour: string): void {
    this.#shapes.push(`<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${colour}"/>`)
  }

  line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): void {
    this.#shapes.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${width}"/>`)
  }

  dot(x: number, y: number, radius: number, colour: string): void {
    this.#shapes.push(`<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"/>`)
  }

  async picture(): Promise<Picture> {
    const { width, height } = this
    const over = Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${this.#shapes.join('')}</svg>`,
    )
    const rgb = await sharp({ create: { width, height, channels: 3, background: ink.ground } })
      .composite([...this.#icons, { input: over, left: 0, top: 0 }])
      .removeAlpha()
      .raw()
      .toBuffer()
    return { rgb: new Uint8Array(rgb), width, height }
  }
}
