import { visible } from '../../contract/visible.ts'
import { fontWith, type Weight } from './fonts.ts'

type Glyph = ReturnType<NonNullable<ReturnType<typeof fontWith>>['charToGlyph']>

/**
 * Text as outlines, set in bundled fonts: a picture is identical, to the byte, on every machine. Letters are placed
 * side by side with kerning; ligatures, joined scripts and right-to-left scripts are not supported. Unsupported letters
 * are replaced by a crossed box; `unsetLetters` lists them.
 */
export class Lettering {
  readonly #weight: Weight

  private constructor(weight: Weight) {
    this.#weight = weight
  }

  static #known = new Map<Weight, Lettering>()

  static of(weight: Weight): Lettering {
    const known = Lettering.#known.get(weight)
    if (known) return known
    const lettering = new Lettering(weight)
    Lettering.#known.set(weight, lettering)
    return lettering
  }

  /** @param size pixels of an em */
  width(text: string, size: number): number {
    return this.#set(text, size, () => {})
  }

  /** @returns the text's outlines as path data, its baseline starting at (x, y) */
  outlines(text: string, x: number, y: number, size: number): string {
    const paths: string[] = []
    this.#set(text, size, (glyph, at) =>
      paths.push(glyph ? glyph.getPath(x + at, y, size).toPathData(2) : box(x + at, y, size)),
    )
    return paths.join('')
  }

  /**
   * The text, truncated with an ellipsis where it exceeds a width in pixels. A suffix in brackets is kept while there
   * is room for a letter before it, because it distinguishes classes of one name.
   */
  fitted(text: string, size: number, width: number): string {
    if (this.width(text, size) <= width) return text
    const [, begin = text, end = ''] = /^(.+)( \([^()]+\))$/s.exec(text) ?? []
    const short = this.#cut(begin, end, size, width)
    return end !== '' && this.width(short, size) > width ? this.#cut(text, '', size, width) : short
  }

  #cut(begin: string, end: string, size: number, width: number): string {
    // Graphemes are not split.
    const letters = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(begin)].map(each => each.segment)
    while (letters.length > 1 && this.width(`${letters.join('')}…${end}`, size) > width) letters.pop()
    return `${letters.join('').trimEnd()}…${end}`
  }

  // One letter at a time: opentype.js cannot read all of Inter's substitutions.
  #set(text: string, size: number, put: (glyph: Glyph | undefined, at: number) => void): number {
    let at = 0
    let before: { readonly font: object; readonly glyph: Glyph } | undefined
    for (const letter of lettersOf(text)) {
      const font = fontWith(letter, this.#weight)
      if (!font) {
        put(undefined, at)
        at += BOX * size
        before = undefined
        continue
      }
      const glyph = font.charToGlyph(letter)
      const scale = size / font.unitsPerEm
      if (before?.font === font) at += font.getKerningValue(before.glyph, glyph) * scale
      put(glyph, at)
      at += (glyph.advanceWidth ?? 0) * scale
      before = { font, glyph }
    }
    return at
  }
}

/** Advance of the box in place of a letter, in ems. */
const BOX = 0.7

/** A crossed box with the baseline at y, unlike any letter. */
function box(x: number, y: number, size: number): string {
  const [left, right, top] = [x + 0.06 * size, x + 0.64 * size, y - 0.72 * size]
  const line = 0.05 * size
  const n = (value: number): string => value.toFixed(2)
  const bar = (x1: number, y1: number, x2: number, y2: number): string => {
    const length = Math.hypot(x2 - x1, y2 - y1)
    const [dx, dy] = [(-(y2 - y1) / length) * (line / 2), ((x2 - x1) / length) * (line / 2)]
    return `M${n(x1 + dx)} ${n(y1 + dy)}L${n(x2 + dx)} ${n(y2 + dy)}L${n(x2 - dx)} ${n(y2 - dy)}L${n(x1 - dx)} ${n(y1 - dy)}Z`
  }
  return [
    bar(left, top, right, top),
    bar(right, top, right, y),
    bar(right, y, left, y),
    bar(left, y, left, top),
    bar(left, top, right, y),
    bar(right, top, left, y),
  ].join('')
}

/**
 * The letters of a text as they are set: composed, control characters escaped, without invisible formatting characters.
 */
export const lettersOf = (text: string): readonly string[] =>
  [...visible(text.normalize('NFC'))].filter(letter => !/\p{Default_Ignorable_Code_Point}/u.test(letter))

/** A text with letters that a figure cannot show. */
export interface UnsetText {
  readonly text: string
  /** Each letter once, in their order. */
  readonly letters: readonly string[]
}

/** Texts of which a figure would show letters as boxes. */
export function unsetLetters(texts: Iterable<string>): readonly UnsetText[] {
  return [...new Set(texts)].flatMap(text => {
    const letters = [...new Set(lettersOf(text))].filter(letter => fontWith(letter, 400) === undefined)
    return letters.length === 0 ? [] : [{ text, letters }]
  })
}

/** Maximum number of texts that a sentence lists. */
const LISTED = 8

/**
 * A warning about them; undefined where all can be shown. @param rest where the texts that it does not list are found
 */
export function unsetSentence(unset: readonly UnsetText[], rest = ''): string | undefined {
  if (unset.length === 0) return undefined
  const listed = unset.slice(0, LISTED).map(({ text, letters }) => `"${text}" (${letters.map(codePoint).join(', ')})`)
  const more = unset.length > LISTED ? ` and ${unset.length - LISTED} more${rest}` : ''
  return `the picture has boxes in place of letters that Portolan's fonts do not have, or whose script it cannot set, in ${listed.join(', ')}${more}`
}

const codePoint = (letter: string): string =>
  `${letter} U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
