import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { between } from '../fixtures/markdown.ts'
import { PAGE, printed, readResults } from '../networks/results.ts'

const results = readResults()
/** Single precision through a hundred layers. */
const MOST = 1e-3
/** Draws of what rounding does are few: the largest of eight may be half of what a further one finds. */
const TIPPED = 2

it('docs/networks.md prints the results of the last run, in the versions that it names', () => {
  expect(between(readFileSync(PAGE, 'utf8'), 'networks')).toBe(printed(results))
})

it('every network of the table is right, or refused in a sentence with the way out', () => {
  for (const [name, { exports }] of Object.entries(results.networks))
    for (const [exporter, outcome] of Object.entries(exports))
      if ('refused' in outcome) {
        expect(outcome.refused, `${name} ${exporter}`).not.toMatch(/this is a bug/)
        expect(outcome.refused, `${name} ${exporter}`).toMatch(/; |does not export it/)
      } else {
        const { logits, gradient, attribution, rounding } = outcome
        expect(logits, `${name} ${exporter}`).toBeLessThan(MOST)
        const derivatives = Math.max(gradient, attribution ?? 0)
        expect(derivatives, `${name} ${exporter}`).toBeLessThan(Math.max(MOST, TIPPED * rounding))
      }
})
