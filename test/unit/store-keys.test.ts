import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, contentKey } from '../../electron/engine/store/keys.ts'

const value = fc.jsonValue({ noUnicodeString: false })

test('a key does not depend on the order in which members were written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), members => {
      const reversed = Object.fromEntries(Object.entries(members).reverse())
      expect(contentKey({ members: reversed as typeof members as never })).toBe(
        contentKey({ members: members as never }),
      )
    }),
  )
})

test('the canonical text of a value is JSON for the same value', () => {
  fc.assert(
    fc.property(value, any => {
      // JSON has no negative zero.
      expect(JSON.parse(canonical(any as never))).toEqual(JSON.parse(JSON.stringify(any)))
    }),
  )
})

test.each([
  ['a number and its text', { a: 1 }, { a: '1' }],
  ['nothing and null in a list', { a: [] }, { a: [null] }],
  ['nested and flat', { a: { b: 1 } }, { 'a.b': 1 }],
  ['a list and its text', { a: [1, 2] }, { a: '[1,2]' }],
  ['arrays of other numbers', { a: Float32Array.of(1, 2) }, { a: Float32Array.of(1, 3) }],
  ['arrays of another type', { a: Float32Array.of(0) }, { a: Int32Array.of(0) }],
])('differ: %s', (_, a, b) => {
  expect(contentKey(a)).not.toBe(contentKey(b))
})

test('is the SHA-256 of the canonical text', () => {
  expect(canonical({ seed: 1, layer: 'mixed4c', steps: undefined })).toBe('{"layer":"mixed4c","seed":1}')
  // printf '{"layer":"mixed4c","seed":1}' | sha256sum
  expect(contentKey({ seed: 1, layer: 'mixed4c' })).toBe(
    '34aab99a2e51e70f3d77d4e11c171c8e83de317aa192dd66e6f86987173896ec',
  )
})

test('a number that JSON cannot hold is refused', () => {
  expect(() => contentKey({ a: Number.NaN })).toThrow('NaN')
  expect(() => contentKey({ a: [Number.POSITIVE_INFINITY] })).toThrow('Infinity')
})
