import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { mountRefused } from '../engine/store/mounts.ts'
import { fillDisk, killAndResume } from '../fixtures/interruptions.ts'
import { projectWork, undisturbed, type Workplace, writeWorkplace } from '../fixtures/project-work.ts'
import { random } from '../fixtures/random.ts'

/** Kills of each kind of work, and sizes of the disk that it is done on. */
const KILLS = 10
const DISKS = 10
/** A disk of this many bytes more than the project that it starts from has room for every kind: the log reaches 16 MB. */
const ENOUGH = 24_000_000

let place: Workplace
const path = (...names: string[]): string => join(place.folder, ...names)
beforeAll(async () => {
  place = await writeWorkplace(mkdtempSync(join(tmpdir(), 'portolan-work-')))
}, 240_000)
afterAll(() => rmSync(place.folder, { recursive: true }))

describe.each(Object.entries(projectWork))('%s', (name, work) => {
  let whole: Awaited<ReturnType<typeof undisturbed>>
  beforeAll(async () => {
    whole = await undisturbed(work, place, path(`${name}.portolan`))
  }, 240_000)

  test(`that is killed at ${KILLS} moments is continued with the same results`, async () => {
    const next = random(17)
    let killed = 0
    for (let i = 0; i < KILLS; i++) {
      const file = path(`${name} killed ${i}.portolan`)
      const after = ((i + next()) / KILLS) * whole.duration
      killed += Number(await killAndResume({ work, place, file, expected: whole.results }, after))
    }
    process.stdout.write(`${name}: killed ${killed} of ${KILLS} times in ${Math.round(whole.duration)} ms\n`)
    expect(killed).toBeGreaterThan(KILLS / 3)
  })

  test('that fills its disk ends in one sentence, and is continued with the same results', async (context: TestContext) => {
    let full = 0
    for (let i = 0; i < DISKS; i++) {
      const folder = path(`${name} ${i}`)
      mkdirSync(folder)
      const refused = mountRefused(folder)
      if (refused !== undefined) context.skip(refused)
      const file = join(folder, 'a.portolan')
      const bytes = work.startsFrom === 'nothing' ? 0 : place.bytes
      const room = 100_000 + (i / (DISKS - 1)) ** 3 * ENOUGH
      full += Number(await fillDisk({ work, place, file, expected: whole.results }, Math.round(bytes + room)))
    }
    process.stdout.write(`${name}: the disk was full in ${full} of ${DISKS} cases\n`)
    expect(full).toBeGreaterThan(1)
    expect(full).toBeLessThan(DISKS)
  })
})
