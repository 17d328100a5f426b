import { expect, it } from 'vitest'
import { ranked } from '../../../renderer/app/ranked.ts'

const salamander = { text: 'Filter by European fire salamander', name: 'European fire salamander' }
const fireboat = { text: 'Filter by fireboat', name: 'fireboat' }
const tour = { text: 'Start the tour of the demo', also: 'help introduction' }

it('the palette ranks the beginning of a name before a word within, and finds entries by other words', () => {
  const entries = [salamander, fireboat, tour]
  expect(ranked(entries, 'fire')).toEqual([fireboat, salamander])
  expect(ranked(entries, 'help')).toEqual([tour])
  expect(ranked(entries, 'demo tour')).toEqual([tour])
  expect(ranked(entries, '')).toEqual(entries)
  expect(ranked(entries, 'zebra')).toEqual([])
})
