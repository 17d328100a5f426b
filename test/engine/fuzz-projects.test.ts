import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { commandsOn, fuzzProjectRows } from '../fuzz/project-rows.ts'
import { Runner } from '../fuzz/runner.ts'

let folder: string
let project: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  project = await writeFullProject(folder)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true }))

test('the commands that are tried on them succeed on a sound project', async () => {
  const runner = new Runner()
  for (const command of commandsOn(project, join(folder, 'sound'))) {
    const { status, err } = await runner.run(...command)
    expect(status, `${command.join(' ')}: ${err}`).toBe(0)
  }
  runner.stop()
}, 120_000)

// Small and fixed; many more in test/long.
test('a damaged project is never called whole, and never ends in a stack', async () => {
  expect((await fuzzProjectBytes(project, folder, 11, 15)).failures).toEqual([])
}, 120_000)

test('a project made by hand ends in a result or a sentence', async () => {
  expect((await fuzzProjectRows(project, folder, 12, 6)).failures).toEqual([])
}, 240_000)
