import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseBounded } from '../../electron/contract/bounded-json.ts'
import { readCredits } from '../../electron/engine/images/credits.ts'
import { parseLabels } from '../../electron/engine/model/label-file.ts'
import { parseSidecar } from '../../electron/engine/model/sidecar.ts'
import { rules } from '../../electron/engine/store/rules.ts'

const zeros = (count: number): string => `[${'0,'.repeat(count - 1)}0]`
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

test('JSON of usual size is what JSON.parse makes of it', () => {
  const text = '{"a":[1,{"b":null}],"c":"d"}'
  expect(parseBounded(text)).toEqual(JSON.parse(text))
  expect(parseBounded(zeros(500_000))).toHaveLength(500_000)
  expect(parseBounded(nested(60))).toEqual(JSON.parse(nested(60)))
})

test.each([
  ['millions of values', zeros(2_000_000), 'it has more than 524288 values'],
  [
    'millions of members',
    `{${Array.from({ length: 600_000 }, (_, k) => `"${k}":0`)}}`,
    'it has more than 524288 values',
  ],
  ['deep nesting', nested(100_000), 'it is nested more than 64 levels deep'],
])('JSON of %s is refused before anything is validated', (_, text, reason) => {
  expect(() => parseBounded(text)).toThrow(reason)
  expect(() => parseSidecar(`{"labels":${text}}`, 'net.model.json')).toThrow(
    /^cannot read net\.model\.json: it is not JSON that can be used \(it (has|is) [^)]*\); .* model init$/,
  )
  expect(rules['layouts']!['params']!.accepts(text)).toBe(false)
})

test('a label file of a million lines is refused', () => {
  const lines = Array.from({ length: 1_000_000 }, () => 'a')
  expect(() => parseLabels(lines, 'labels.txt')).toThrow(
    'cannot use labels.txt: it has 1000000 lines, and a network may have at most 65535 classes',
  )
})

test.each([
  ['of a million rows', `file,author\n${'a\n'.repeat(1_000_000)}`, 'it has more than 500000 rows'],
  ['with a row of a million fields', `file\n${','.repeat(1_000_000)}`, 'a row has more than 65536 characters'],
  ['with a million fields of a line each', `file\n${'"\n",'.repeat(1_000_000)}`, 'it is not CSV (Max Record Size'],
])('a list of authors %s is refused', async (_, text, reason) => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-bounded-'))
  try {
    const file = join(folder, 'ATTRIBUTION.csv')
    writeFileSync(file, text)
    await expect(readCredits(file)).rejects.toThrow(reason)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
