import { expect, test } from 'vitest'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { inception } from '../fixtures/networks.ts'
import { judged } from '../fuzz/models.ts'
import { computed } from '../fuzz/referee.ts'

/** What `classify --json` prints for three classes. */
const printed = (logits: readonly number[], change: object = {}): string => {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  const top = logits
    .map((logit, index) => ({ index, name: `thing ${index}`, synset: '', logit, probability: Math.exp(logit) / sum }))
    .toSorted((a, b) => b.logit - a.logit)
  return JSON.stringify({
    images: [{ file: 'a.png', top: [{ ...top[0], ...change }, ...top.slice(1)] }],
    unreadable: [],
  })
}
const ended = (out: string, err = '', status = 0) => ({ status, out, err })
const right = () => [1, 3, 2]

test('the judge of the fuzzers accepts correct results and refusals', () => {
  expect(judged(ended(printed([1, 3, 2])), right)).toEqual({ ending: 'correct result' })
  expect(judged(ended('', 'portolan: cannot use a.onnx: no', 1), right)).toEqual({ ending: 'refused in a sentence' })
})

test.each([
  ['another number', ended(printed([1, 3, 2.1])), /^wrong result: the logit of class 2 is 2\.1/],
  ['a class too few', ended(printed([1, 3])), /2 classes for 3/],
  [
    'a probability that is none of its logit',
    ended(printed([1, 3, 2], { probability: 0.5 })),
    /probability of 1 is 0\.5/,
  ],
  ['a number that is none', ended(printed([1, 3, 2], { logit: null })), /unexpected output/],
  ['not the strongest first', ended(printed([1, 3, 2], { logit: 0 })), /not the strongest first/],
  ['nothing', ended(JSON.stringify({ images: [], unreadable: [] })), /without predictions/],
  ['a stack', ended('', 'portolan: this is a bug, please report it:\nError: x', 1), /this is a bug/],
  ['a long sentence after another', ended('', `portolan: a\nportolan: ${'x'.repeat(600)}`, 1), /a sentence of 610/],
  ['a failure without a word', ended('', '', 1), /without a sentence/],
  ['control characters', ended('', 'portolan: cannot use "\u001b[2J"', 1), /control characters/],
  ['a process that hangs', { status: null, out: '', err: '', fault: 'no result within 1 ms' }, /no result within 1 ms/],
] as const)('and complains of %s', (_, ending, complaint) => expect(judged(ending, right).wrong).toMatch(complaint))

test('the referee declines what would take it minutes', () => {
  const { graph } = inception()
  const image = (edge: number) => ({ dims: [1, 3, edge, edge], data: Array<number>(3 * edge * edge).fill(0.1) })
  const model = writeGraph(graph)
  expect(computed(model, image(24), 'logits')).toHaveLength(10)
  expect(() => computed(model, image(800), 'logits')).toThrow('more than 1000000 numbers')
})
