import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fuzzModels } from '../fuzz/models.ts'
import { fuzzPhotographs } from '../fuzz/photographs.ts'
import { tableRow } from '../fuzz/report.ts'
import { CASES, ONLY, seedOf } from '../fuzz/settings.ts'
import { fuzzSidecars } from '../fuzz/sidecars.ts'
import { type Victim, writeVictim } from '../fuzz/victim.ts'

let folder: string
let victim: Victim
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  victim = await writeVictim(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

// Named pipes and links, which most of them need, do not exist on Windows.
test.skipIf(process.platform === 'win32').each([
  ['models', fuzzModels],
  ['sidecars', fuzzSidecars],
  ['photographs', fuzzPhotographs],
] as const)('%s', async (name, fuzz) => {
  const seed = seedOf(2029)
  const tally = await fuzz(victim, seed, CASES, ONLY)
  process.stdout.write(`${tableRow(name, seed, tally)}\n`)
  expect(tally.failures).toEqual([])
})
