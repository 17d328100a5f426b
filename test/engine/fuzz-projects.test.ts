import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineClient, EngineFailure } from '../fixtures/engine-client.ts'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { commandsOn, fuzzProjectRows } from '../fuzz/project-rows.ts'
import { complaint, Runner } from '../fuzz/runner.ts'
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

test.each([
  `UPDATE models SET sidecar = '1e300'`,
  `UPDATE models SET sidecar = '{"license":5}'`,
  `UPDATE models SET layers = '{"a":1}'`,
  `UPDATE models SET layers = '[null]'`,
  `UPDATE classifiers SET labels = '{}'`,
  `UPDATE classifiers SET labels = '[{"name":5}]'`,
  `UPDATE classifiers SET layers = '{"a":1}'`,
  `UPDATE classifiers SET layers = '[{}]'`,
  `UPDATE classifiers SET probabilities = 'both'`,
  `UPDATE classifiers SET input = '[5]'`,
  `UPDATE classifiers SET input = '{"size":"large"}'`,
  `UPDATE atlases SET preset = '{"name":"draft","seed":0}'`,
  `UPDATE matrices SET classifier = '1' WHERE kind = 'activation'`,
  `DELETE FROM matrices`,
  `UPDATE samples SET idx = 'null' WHERE idx = 5`,
  `UPDATE samples SET set_id = -5 WHERE idx = 5`,
])(
  'a row of another form, or a missing one, ends in a sentence, whatever is done with it: %s',
  async sql => {
    const file = join(folder, 'described.portolan')
    copyFileSync(project, file)
    const database = new Database(file)
    database.pragma('ignore_check_constraints = ON')
    database.pragma('foreign_keys = OFF')
    database.exec(sql)
    database.close()
    const runner = new Runner()
    for (const command of commandsOn(file, join(folder, 'described'))) {
      const ending = await runner.run(...command)
      expect(complaint(ending), `${command[0]} ${command[1]}`).toBeUndefined()
    }
    runner.stop()
    const engine = await EngineClient.start(join(folder, 'data'))
    const calls = [
      ['project.open', { file }],
      ['models.list', {}],
      ['atlas.list', {}],
      ['cell.detail', { atlas: 1, grid: 4, i: 1, j: 1, classes: 3, nearest: 3 }],
      ['classAtlas.counts', { from: 1, class: 3, filter: { rank: 1, magnitude: null, sign: 'positive' } }],
    ] as const
    for (const [name, input] of calls) {
      const answer = await engine.raw(name, input).catch((error: unknown) => error)
      if (answer instanceof EngineFailure) expect(answer.isExpected, `${name}: ${answer.message}`).toBe(true)
    }
    await engine.stop()
  },
  120_000,
)

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
