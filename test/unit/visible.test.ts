import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visible, visibleLines } from '../../electron/contract/visible.ts'

test('control characters are escaped, all others stay', () => {
  expect(visible('a\u001b]0;x\u0007b\u009b2J\r\n\u202egnp.exe\u2066\u2028\ud800')).toBe(
    'a\\u001b]0;x\\u0007b\\u009b2J\\u000d\\u000a\\u202egnp.exe\\u2066\\u2028\\ud800',
  )
  for (const text of ['café 黄色い花 зелёный 👩‍🔬 שלום', 'a\\u001b']) expect(visible(text)).toBe(text)
  expect(visibleLines('one\ntwo\tthree\r')).toBe('one\ntwo\\u0009three\\u000d')
})

test('escaped text holds no control characters, and escaping it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const shown = visible(text)
      expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      expect(visible(shown)).toBe(shown)
    }),
  )
})
