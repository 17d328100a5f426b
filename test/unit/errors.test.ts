import { expect, test } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'

test('a sentence keeps its beginning and its way out, however long the names in it are', () => {
  const name = 'x'.repeat(100_000)
  const { message } = new UserError(`cannot use "${name}": it has layers a and ${name}; export it again`)
  expect(message.length).toBeLessThan(1_500)
  expect(message).toMatch(/^cannot use "x+…x+": it has layers a and x+…x+; export it again$/)
})

test('a long name is cut in a sentence that would be bounded without it', () => {
  const { message } = new UserError(`there is no layer at "${'y'.repeat(900)}"; add that tensor to the sidecar`)
  expect(message.length).toBeLessThan(300)
  expect(message).toMatch(/^there is no layer at "y+…y+"; add that tensor to the sidecar$/)
})

test('a sentence of very many words is cut in the middle', () => {
  const { message } = new UserError(`there is no layer; the layers are ${'mixed3a, '.repeat(5_000)}; name one`)
  expect(message.length).toBeLessThan(1_500)
  expect(message).toMatch(/^there is no layer; .*…/)
  expect(message).toMatch(/; name one$/)
})

test('others are left as they are, long paths included', () => {
  const text = `cannot read ${'/folder'.repeat(150)}: permission is denied`
  expect(new UserError(text).message).toBe(text)
})
