import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { between, table } from '../fixtures/markdown.ts'
import { readResults, resultRows } from '../networks/results.ts'

const results = readResults()
/** Single precision through a hundred layers, some of whose units are tipped the other way. */
const MOST = 0.02

it('docs/networks.md prints the results of the last run, in the versions that it names', () => {
  const page = readFileSync(new URL('../../docs/networks.md', import.meta.url), 'utf8')
  const head = ['network', 'weights', 'exported', 'logits', 'gradient', 'attribution', 'layers']
  expect(between(page, 'networks')).toBe(`${results.versions}:\n\n${table(head, resultRows(results))}`)
})

it('every network of the table is right, or refused in a sentence with the way out', () => {
  for (const [name, { exports }] of Object.entries(results.networks))
    for (const [exporter, outcome] of Object.entries(exports))
      if ('refused' in outcome) {
        expect(outcome.refused, `${name} ${exporter}`).not.toMatch(/this is a bug/)
        expect(outcome.refused, `${name} ${exporter}`).toMatch(/; |does not export it/)
      } else {
        const { logits, gradient, attribution } = outcome
        expect(Math.max(logits, gradient, attribution ?? 0), `${name} ${exporter}`).toBeLessThan(MOST)
      }
})
