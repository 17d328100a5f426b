import { expect, it } from 'vitest'
import { ranked } from '../../../renderer/app/ranked.ts'
import { matchPairs } from '../../../renderer/classes/match.ts'

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

it('a text with two classes names their comparison, in the order in which they are written', () => {
  const names = ['fireboat', 'fire engine', 'streetcar', 'scuba diver']
  const classes = names.map((name, index) => ({ index, name, title: name, synset: '', synonyms: [], photographs: 0 }))
  const pairs = (text: string) => matchPairs(classes, text).map(pair => pair.map(({ name }) => name))
  expect(pairs('streetcar | fireboat')).toEqual([['streetcar', 'fireboat']])
  expect(pairs('fireboat against scuba diver')).toEqual([['fireboat', 'scuba diver']])
  expect(pairs('fire vs streetcar')).toEqual([
    ['fireboat', 'streetcar'],
    ['fire engine', 'streetcar'],
  ])
  expect(['fireboat', 'fireboat |', '| fireboat', 'fireboat | fireboat', 'a | b | c', ''].flatMap(pairs)).toEqual([])
})
