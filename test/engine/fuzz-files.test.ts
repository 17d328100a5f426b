import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { furtherCommands, fuzzModels, writePlaces } from '../fuzz/models.ts'
import { fuzzPhotographs } from '../fuzz/photographs.ts'
import { Runner } from '../fuzz/runner.ts'
import { fuzzSidecars } from '../fuzz/sidecars.ts'
import { type Victim, writeModel, writeVictim } from '../fuzz/victim.ts'

let folder: string
let victim: Victim
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  victim = await writeVictim(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

// Named pipes and links, which most of them need, are not to be had on Windows. Small and fixed; many more in test/long.
describe.skipIf(process.platform === 'win32')('files of strangers are refused in a sentence, or used correctly', () => {
  test('the commands that are tried on them succeed on a sound model', async () => {
    writePlaces(join(folder, 'sound'), victim)
    const file = writeModel(join(folder, 'sound'), 'net', victim.model, victim.sidecar)
    const runner = new Runner()
    for (const command of furtherCommands(file, join(folder, 'sound', 'photographs'))) {
      if (command[1] === 'init') rmSync(join(folder, 'sound', 'net.model.json'))
      const { status, err } = await runner.run(...command)
      expect(status, `${command.join(' ')}: ${err}`).toBe(0)
      if (command[1] === 'init') writeModel(join(folder, 'sound'), 'net', victim.model, victim.sidecar)
    }
    runner.stop()
  }, 240_000)

  test.each([
    ['models', fuzzModels, 21],
    ['sidecars', fuzzSidecars, 22],
    ['photographs', fuzzPhotographs, 23],
  ] as const)(
    '%s',
    async (_, fuzz, seed) => {
      const { endings, failures } = await fuzz(victim, seed, 24)
      expect(failures).toEqual([])
      expect(endings['correct result']).toBeGreaterThan(2)
      expect(endings['refused in a sentence']).toBeGreaterThan(2)
    },
    240_000,
  )
})
