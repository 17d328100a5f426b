import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Figure, LIGHT } from '../../electron/engine/figures/figure.ts'
import { Lettering, unsetLetters, unsetSentence } from '../../electron/engine/figures/lettering.ts'

const letters = Lettering.of(400)
const outlines = (text: string): string => letters.outlines(text, 0, 0, 12)

describe('letters of a figure', () => {
  it.each(['café', 'Łódź', 'Tiếng Việt', 'Ελληνικά', 'зелёный', '黄色い花', 'ひまわり', 'カタカナ', '한국어', '→ ½ ∞'])(
    'are there for %s, in both weights',
    text => {
      expect(unsetLetters([text])).toEqual([])
      for (const weight of [400, 600] as const) expect(Lettering.of(weight).width(text, 12)).toBeGreaterThan(12)
      // Each letter has an outline of its own: a font's sign for what it lacks would be the same for all.
      const distinct = [...new Set([...text.replaceAll(' ', '')])]
      expect(new Set(distinct.map(outlines)).size).toBe(distinct.length)
    },
  )

  it('are the same composed and decomposed', () => {
    expect(outlines('caf\u00e9 \u304c')).toBe(outlines('cafe\u0301 \u304b\u3099'))
  })

  it('are boxes where no font has them or their script is not set, and are reported', () => {
    expect(outlines('ש')).toBe(outlines('ع'))
    expect(outlines('ש')).not.toBe('')
    expect(unsetLetters(['שלום', 'fireboat', 'ab\u{10ffff}', 'שלום'])).toEqual([
      { text: 'שלום', letters: ['ש', 'ל', 'ו', 'ם'] },
      { text: 'ab\u{10ffff}', letters: ['\u{10ffff}'] },
    ])
    expect(unsetSentence(unsetLetters(['ש']))).toContain('in "ש" (ש U+05E9)')
    const many = unsetLetters(Array.from({ length: 10 }, (_, i) => `ש${i}`))
    expect(unsetSentence(many, ', listed by --json')).toMatch(/ and 2 more, listed by --json$/)
    expect(unsetSentence([])).toBeUndefined()
  })

  it('have no effect on others: controls and overrides are written out', () => {
    expect(outlines('a\u202eb\u0007')).toBe(outlines('a\\u202eb\\u0007'))
  })

  it('keep what distinguishes two names when they are cut', () => {
    const cut = letters.fitted('great white crane (n02012849)', 12, 120)
    expect(cut).toMatch(/^g.*… \(n02012849\)$/)
    expect(letters.width(cut, 12)).toBeLessThanOrEqual(120)
    expect(letters.fitted('great white crane (n02012849)', 12, 40)).toMatch(/^g\S*…$/)
  })
})

it('plates have outlines and no text that a machine would set in fonts of its own', () => {
  const figure = new Figure(20, 20, LIGHT)
  figure.text('ひまわり <&>', 10, 10)
  expect(figure.svg()).toMatch(/<path role="img" aria-label="[^"<>]+" d="[^"<>&]+" fill="#1c1c1c"\/><\/svg>$/)
  const source = readFileSync(new URL('../../electron/engine/figures/figure.ts', import.meta.url), 'utf8')
  expect(source).not.toContain('font-family')
})
