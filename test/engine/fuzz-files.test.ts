import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzzModels } from '../fuzz/models.ts'
import { fuzzPhotographs } from '../fuzz/photographs.ts'
import { fuzzSidecars } from '../fuzz/sidecars.ts'
import { type Victim, writeVictim } from '../fuzz/victim.ts'

let folder: string
let victim: Victim
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  victim = await writeVictim(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

// Named pipes and links, which most of them need, are not to be had on Windows. Small and fixed; many more in test/long.
describe.skipIf(process.platform === 'win32')('files of strangers are refused in a sentence, or answered right', () => {
  test.each([
    ['models', fuzzModels, 21],
    ['sidecars', fuzzSidecars, 22],
    ['photographs', fuzzPhotographs, 23],
  ] as const)(
    '%s',
    async (_, fuzz, seed) => {
      const { endings, failures } = await fuzz(victim, seed, 24)
      expect(failures).toEqual([])
      expect(endings['answered right']).toBeGreaterThan(2)
      expect(endings['refused in a sentence']).toBeGreaterThan(2)
    },
    240_000,
  )
})
