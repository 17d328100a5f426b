import { readFileSync } from 'node:fs'
import opentype, { type Font } from 'opentype.js'

/** Regular and semi-bold. */
export type Weight = 400 | 600

/**
 * Text as outlines, set in a font of our own: a picture looks the same, to the byte, on every machine, whatever fonts
 * it has. Letters stand side by side with kerning; ligatures and right-to-left scripts are not set.
 */
export class Lettering {
  readonly #font: Font

  private constructor(font: Font) {
    this.#font = font
  }

  static #known = new Map<Weight, Lettering>()

  static of(weight: Weight): Lettering {
    const known = Lettering.#known.get(weight)
    if (known) return known
    const { buffer, byteOffset, byteLength } = readFileSync(
      new URL(`../../../../resources/fonts/inter-${weight}.woff`, import.meta.url),
    )
    const made = new Lettering(opentype.parse(buffer.slice(byteOffset, byteOffset + byteLength)))
    Lettering.#known.set(weight, made)
    return made
  }

  /** @param size pixels of an em */
  width(text: string, size: number): number {
    return this.#set(text, size, () => {})
  }

  /** @returns the text's outlines as path data, its baseline beginning at (x, y) */
  outlines(text: string, x: number, y: number, size: number): string {
    const paths: string[] = []
    this.#set(text, size, (glyph, at) => paths.push(glyph.getPath(x + at, y, size).toPathData(2)))
    return paths.join('')
  }

  /** The text, cut with an ellipsis where it is wider than so many pixels. */
  fitted(text: string, size: number, width: number): string {
    if (this.width(text, size) <= width) return text
    const letters = [...text]
    while (letters.length > 1 && this.width(`${letters.join('')}…`, size) > width) letters.pop()
    return `${letters.join('').trimEnd()}…`
  }

  // One letter at a time: opentype.js cannot read all of Inter's substitutions.
  #set(text: string, size: number, put: (glyph: ReturnType<Font['charToGlyph']>, at: number) => void): number {
    const scale = size / this.#font.unitsPerEm
    let at = 0
    let before: ReturnType<Font['charToGlyph']> | undefined
    for (const letter of text) {
      const glyph = this.#font.charToGlyph(letter)
      if (before) at += this.#font.getKerningValue(before, glyph) * scale
      put(glyph, at)
      at += (glyph.advanceWidth ?? 0) * scale
      before = glyph
    }
    return at
  }
}
