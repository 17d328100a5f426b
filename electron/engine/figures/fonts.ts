import { readFileSync } from 'node:fs'
import opentype, { type Font } from 'opentype.js'

/** Regular and semi-bold. */
export type Weight = 400 | 600

const INTER = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese']

/** Fonts in the order in which a letter is looked up. The last two have one weight. */
const files = (weight: Weight): readonly string[] => [
  ...INTER.map(subset => `inter-${subset}-${weight}.woff`),
  'dejavu-sans.ttf',
  'droid-sans-fallback.ttf',
]

const loaded = new Map<string, Font>()

/** The bytes of a bundled font. */
export const fontBytes = (file: string): Buffer =>
  readFileSync(new URL(`../../../resources/fonts/${file}`, import.meta.url))

function load(file: string): Font {
  const known = loaded.get(file)
  if (known) return known
  const { buffer, byteOffset, byteLength } = fontBytes(file)
  // Glyphs are parsed when they are drawn: all 33,000 of the last font would take seconds.
  const font = opentype.parse(buffer.slice(byteOffset, byteOffset + byteLength), { lowMemory: true })
  loaded.set(file, font)
  return font
}

/**
 * Scripts whose letters join, stack or run from right to left: letters placed side by side would be misread.
 */
const UNSET =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}\p{Script=Lao}\p{Script=Tibetan}\p{Script=Myanmar}\p{Script=Khmer}\p{Script=Mongolian}]/u

const filesOf = new Map<string, string | undefined>()

/** The file of the first font with a letter; undefined where none has it, or where the script cannot be set letter by letter. */
export function fontFileWith(letter: string, weight: Weight): string | undefined {
  const key = `${weight}${letter}`
  if (!filesOf.has(key)) {
    const has = (file: string): boolean => load(file).charToGlyphIndex(letter) > 0
    filesOf.set(key, UNSET.test(letter) ? undefined : files(weight).find(has))
  }
  return filesOf.get(key)
}

/** That font. */
export function fontWith(letter: string, weight: Weight): Font | undefined {
  const file = fontFileWith(letter, weight)
  return file === undefined ? undefined : load(file)
}
