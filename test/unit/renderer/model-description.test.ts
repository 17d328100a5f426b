import { expect, it } from 'vitest'
import { ModelDescription } from '../../../electron/contract/models.ts'
import { faultOf, numbersOf, PREPROCESSINGS, preprocessingOf, testedOf } from '../../../renderer/models/description.ts'

const description = ModelDescription.parse({
  ...{
    name: 'Net',
    size: [224, 224],
    channels: 'RGB',
    range: [0, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
    resize: 'stretch',
  },
  ...{ logits: 'out', probabilities: 'softmax', labels: null, layers: [], license: 'unknown', source: 'unknown' },
})

it('numbers are read as they are typed, and no others', () => {
  expect(numbersOf('0.485, 0.456 0.406', 3)).toEqual([0.485, 0.456, 0.406])
  expect(numbersOf('−1; 1', 2)).toEqual([-1, 1])
  for (const text of ['', '1', '1, 2, 3', '1, two', '1, Infinity']) expect(numbersOf(text, 2)).toBeUndefined()
})

it('every usual preprocessing is recognised by its numbers, and a changed one is not', () => {
  for (const [k, [, colours]] of PREPROCESSINGS.entries()) {
    expect(preprocessingOf({ ...description, ...colours })).toBe(k)
    expect(preprocessingOf({ ...description, ...colours, range: [0, 2] })).toBe(-1)
  }
})

it('a test depends on the description, but not on texts that change no prediction', () => {
  const edited = { ...description, name: 'N', license: '', source: 'a paper' }
  expect(testedOf(edited, description)).toEqual(description)
  expect(testedOf({ ...edited, channels: 'BGR', labels: ['a'] }, description)).toEqual({
    ...{ ...description, channels: 'BGR', labels: ['a'] },
  })
})

it('what stops a description from being used is said, and nothing else stops it', () => {
  expect(faultOf(description, 10)).toBe('')
  expect(faultOf({ ...description, labels: Array(10).fill('a') }, 10)).toBe('')
  expect(faultOf({ ...description, labels: ['a'] }, 10)).toMatch(/1 lines, and the model 10 classes/)
  expect(faultOf({ ...description, range: [1, 1] }, 10)).toMatch(/Black/)
  expect(faultOf({ ...description, std: [1, 0, 1] }, 10)).toMatch(/above 0/)
  expect(faultOf({ ...description, name: ' ' }, 10)).toMatch(/name/)
  expect(faultOf({ ...description, license: '' }, 10)).toMatch(/Licence/)
})
