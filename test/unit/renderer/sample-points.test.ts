import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestPoint, sampleColours } from '../../../renderer/atlas/sample-colours.ts'

const name = (index: number): string => `class ${index}`
const none = new Map<number, null>()

describe('colours of single samples', () => {
  it('are those of the most frequent classes; the legend counts every sample once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 20 }), { minLength: 1, maxLength: 200 }), classes => {
        const samples = { image: Uint32Array.from(classes, (_, k) => k), class: Int32Array.from(classes) }
        const { colours, legend } = sampleColours(samples, 'class', none, name)
        expect(colours).toHaveLength(classes.length)
        expect(legend.reduce((sum, { count }) => sum + count, 0)).toBe(classes.length)
        // Samples of one class have one colour.
        for (const [k, index] of classes.entries()) expect(colours[k]).toBe(colours[classes.indexOf(index)])
        const coloured = legend.filter(({ text }) => text.startsWith('class '))
        expect(coloured.length).toBeLessThanOrEqual(7)
        expect(coloured.map(({ count }) => count)).toEqual(coloured.map(({ count }) => count).toSorted((a, b) => b - a))
      }),
    )
  })
  it('keep photographs without a label apart from those of other classes', () => {
    const classes = [...Array.from({ length: 9 }, (_, k) => k), -1, -1, -1]
    const samples = { image: Uint32Array.from(classes, (_, k) => k), class: Int32Array.from(classes) }
    const { legend } = sampleColours(samples, 'class', none, name)
    expect(Object.fromEntries(legend.map(({ text, count }) => [text, count]))).toMatchObject({
      'without a label': 3,
      'other classes': 2,
    })
  })
  it('tell right from wrong where label and prediction are known, and say where they are not', () => {
    const samples = { image: Uint32Array.of(1, 2, 3, 4), class: Int32Array.of(5, 5, -1, 5) }
    const predictions = new Map([
      [1, { index: 5, value: 0.91 }],
      [2, { index: 6, value: 0.4 }],
      [3, { index: 6, value: 0.4 }],
    ])
    const unreadable = sampleColours(samples, 'verdict', new Map([[1, null]]), name).legend
    expect(unreadable.map(({ text, count }) => [text, count])).toEqual([
      ['not predicted yet', 3],
      ['without a prediction', 1],
    ])
    const counts = (by: 'verdict' | 'confidence') =>
      Object.fromEntries(sampleColours(samples, by, predictions, name).legend.map(({ text, count }) => [text, count]))
    expect(counts('verdict')).toEqual({
      'predicted correctly': 1,
      'predicted otherwise': 1,
      'without a label': 1,
      'not predicted yet': 1,
    })
    expect(counts('confidence')).toEqual({ '40 % and more': 2, '90 % and more': 1, 'not predicted yet': 1 })
    const { colours } = sampleColours(samples, 'verdict', predictions, name)
    expect(colours[0]).not.toBe(colours[1])
    expect(colours[2]).toBe(colours[3])
  })
})

it('the sample under the pointer is the nearest one within reach', () => {
  const places = [10, 10, 14, 10, 100, 100]
  expect(nearestPoint(places, 11, 10, 10)).toBe(0)
  expect(nearestPoint(places, 13, 10, 10)).toBe(1)
  expect(nearestPoint(places, 50, 50, 10)).toBe(-1)
  expect(nearestPoint([], 0, 0, 10)).toBe(-1)
})
