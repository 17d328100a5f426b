import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { commandsOn, fuzzProjectRows } from '../fuzz/project-rows.ts'
import { Runner } from '../fuzz/runner.ts'
import { fuzzSamplesFiles, resigned } from '../fuzz/samples-files.ts'

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

test('a samples file that is damaged, or well signed and wrong, ends in a result or a sentence', async () => {
  const runner = new Runner()
  const samples = join(folder, 'a.samples')
  const model = join(folder, 'net.onnx')
  expect(await runner.run('samples', 'export', project, '--out', samples)).toMatchObject({ status: 0 })
  const twice = join(folder, 'twice.samples')
  writeFileSync(
    twice,
    resigned(readFileSync(samples), contents => {
      const { layers, ...others } = contents as { layers: string[] }
      return { ...others, layers: [...layers, layers[0]!] }
    }),
  )
  const { status, err } = await runner.run('samples', 'import', join(folder, 'twice.portolan'), twice, '--model', model)
  expect([status, err.includes('is listed twice')], err).toEqual([1, true])
  runner.stop()
  expect((await fuzzSamplesFiles({ samples, model }, folder, 13, 16)).failures).toEqual([])
}, 240_000)
