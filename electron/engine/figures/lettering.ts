import { visible } from '../../contract/visible.ts'
import { fontWith, type Weight } from './fonts.ts'

type Glyph = ReturnType<NonNullable<ReturnType<typeof fontWith>>['charToGlyph']>

/**
 * Text as outlines, set in fonts of our own: a picture looks the same, to the byte, on every machine, whatever fonts it
 * has. Letters stand side by side with kerning; ligatures, joined scripts and right-to-left scripts are not set. In
 * place of a letter that is not set stands a crossed box; `unsetLetters` says which these are.
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
    const made = new Lettering(weight)
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
    this.#set(text, size, (glyph, at) =>
      paths.push(glyph ? glyph.getPath(x + at, y, size).toPathData(2) : box(x + at, y, size)),
    )
    return paths.join('')
  }

  /**
   * The text, cut with an ellipsis where it is wider than so many pixels. What stands in brackets at its end stays while
   * there is room for a letter before it: it tells classes of one name apart.
   */
  fitted(text: string, size: number, width: number): string {
    if (this.width(text, size) <= width) return text
    const [, begin = text, end = ''] = /^(.+)( \([^()]+\))$/s.exec(text) ?? []
    const short = this.#cut(begin, end, size, width)
    return end !== '' && this.width(short, size) > width ? this.#cut(text, '', size, width) : short
  }

  #cut(begin: string, end: string, size: number, width: number): string {
    // What a reader takes for one letter is not cut apart.
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

/** A box with a cross in it, with the baseline at y: no letter looks so. */
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

/** What is set of a text: composed, control characters written out, without marks that only instruct a renderer. */
const lettersOf = (text: string): readonly string[] =>
  [...visible(text.normalize('NFC'))].filter(letter => !/\p{Default_Ignorable_Code_Point}/u.test(letter))

/** A text of which a figure cannot show all letters. */
export interface UnsetText {
  readonly text: string
  /** Each letter once, in their order. */
  readonly letters: readonly string[]
}

/** Texts that would stand in a figure with boxes in place of letters. */
export function unsetLetters(texts: Iterable<string>): readonly UnsetText[] {
  return [...new Set(texts)].flatMap(text => {
    const letters = [...new Set(lettersOf(text))].filter(letter => fontWith(letter, 400) === undefined)
    return letters.length === 0 ? [] : [{ text, letters }]
  })
}

/** Texts that a sentence lists. */
const LISTED = 8

/** The sentence about them; undefined where all can be shown. @param rest where those are found that it does not list */
export function unsetSentence(unset: readonly UnsetText[], rest = ''): string | undefined {
  if (unset.length === 0) return undefined
  const listed = unset.slice(0, LISTED).map(({ text, letters }) => `"${text}" (${letters.map(codePoint).join(', ')})`)
  const more = unset.length > LISTED ? ` and ${unset.length - LISTED} more${rest}` : ''
  return `the picture has boxes in place of letters that Portolan's fonts do not have, or whose script it cannot set, in ${listed.join(', ')}${more}`
}

const codePoint = (letter: string): string =>
  `${letter} U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
