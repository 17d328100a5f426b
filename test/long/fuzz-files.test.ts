import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fuzzModels } from '../fuzz/models.ts'
import { fuzzPhotographs } from '../fuzz/photographs.ts'
import { fuzzSidecars } from '../fuzz/sidecars.ts'
import { type Victim, writeVictim } from '../fuzz/victim.ts'

const { FUZZ_SEED, FUZZ_CASES, FUZZ_CASE } = process.env
const seed = Number(FUZZ_SEED ?? 2029)
const count = Number(FUZZ_CASES ?? 600)
const only = FUZZ_CASE === undefined ? undefined : Number(FUZZ_CASE)

let folder: string
let victim: Victim
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  victim = await writeVictim(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

test.skipIf(process.platform === 'win32').each([
  ['damaged models are refused in a sentence, or answer what the referee computes', fuzzModels],
  ['damaged descriptions of models', fuzzSidecars],
  ['damaged photographs', fuzzPhotographs],
] as const)('%s', async (name, fuzz) => {
  process.stdout.write(`${name}: ${count} cases, FUZZ_SEED=${seed} FUZZ_CASE=${only ?? 'all'}\n`)
  const { endings, failures } = await fuzz(victim, seed, count, only)
  process.stdout.write(`${JSON.stringify(endings)}\n`)
  expect(failures).toEqual([])
})
