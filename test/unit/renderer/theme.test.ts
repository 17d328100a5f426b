import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BACKGROUNDS, type Theme, themeOf } from '../../../renderer/state/settings.ts'

const tokens = readFileSync(new URL('../../../renderer/ui/tokens.css', import.meta.url), 'utf8')
/** The colours of a theme by their names, sRGB bytes. */
function coloursOf(theme: Theme): ReadonlyMap<string, readonly number[]> {
  const start = tokens.indexOf(theme === 'dark' ? ':root {' : ':root[data-theme="light"] {')
  const block = tokens.slice(start, tokens.indexOf('}', start))
  return new Map(
    [...block.matchAll(/--([\w-]+): #([0-9a-f]{6});/g)].map(([, name, hex]) => [
      name!,
      [0, 2, 4].map(at => Number.parseInt(hex!.slice(at, at + 2), 16)),
    ]),
  )
}
/** Contrast ratio of WCAG 2. */
function contrast(a: readonly number[], b: readonly number[]): number {
  const luminance = (colour: readonly number[]): number => {
    const [red, green, blue] = colour.map(byte => {
      const share = byte / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

describe.each(['dark', 'light'] as const)('the %s theme', theme => {
  const colours = coloursOf(theme)
  const of = (name: string): readonly number[] => colours.get(name)!
  it('has the background of its maps, and every colour of the other', () => {
    expect(of('background')).toEqual(BACKGROUNDS[theme])
    expect([...colours.keys()].sort()).toEqual([...coloursOf(theme === 'dark' ? 'light' : 'dark').keys()].sort())
  })
  it('has text that is legible on every one of its backgrounds', () => {
    for (const text of ['text', 'text-soft', 'text-faint', 'for', 'against', 'danger', 'good'])
      for (const background of ['background', 'panel', 'raised', 'hover'])
        expect(contrast(of(text), of(background)), `${text} on ${background}`).toBeGreaterThanOrEqual(4.5)
    for (const kind of ['warning', 'error'])
      expect(contrast(of(`${kind}-text`), of(`${kind}-background`))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(of('primary-text'), of('primary'))).toBeGreaterThanOrEqual(4.5)
    // Edges of fields.
    expect(contrast(of('line-strong'), of('background'))).toBeGreaterThanOrEqual(3)
  })
})

it('the theme follows the system only where that is chosen', () => {
  expect([themeOf({ theme: 'system' }, true), themeOf({ theme: 'system' }, false)]).toEqual(['light', 'dark'])
  expect([themeOf({ theme: 'dark' }, true), themeOf({ theme: 'light' }, false)]).toEqual(['dark', 'light'])
})
