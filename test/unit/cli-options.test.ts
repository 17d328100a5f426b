import { expect, test } from 'vitest'
import { z } from 'zod'
import { collected, list } from '../../electron/engine/cli/options.ts'

test.each([
  ['a,b', ['a', 'b']],
  [' mixed4c , mixed5b', ['mixed4c', 'mixed5b']],
  ['bottle\\, beer,bottle\\, wine', ['bottle, beer', 'bottle, wine']],
  [['10,20'], ['10', '20']],
  // Given several times: each is one whole name.
  [
    ['bottle, beer', 'bottle, wine'],
    ['bottle, beer', 'bottle, wine'],
  ],
])('the list %j', (given, parts) => expect(list.parse(given)).toEqual(parts))

test('a list without a part is refused', () => {
  for (const given of ['', 'a,,b', 'a,']) expect(() => list.parse(given)).toThrow(z.ZodError)
})

test('an option that is given again is kept with what was there, but not with its default', () => {
  expect(collected('5', '10,20')).toEqual(['5'])
  expect(collected('b', collected('a', undefined))).toEqual(['a', 'b'])
})
