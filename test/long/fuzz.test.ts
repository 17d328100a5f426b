import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzPageCalls } from '../fuzz/page-calls.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { fuzzProjectRows } from '../fuzz/project-rows.ts'
import { type Tally, tableRow } from '../fuzz/report.ts'
import { Runner } from '../fuzz/runner.ts'
import { fuzzSamplesFiles } from '../fuzz/samples-files.ts'
import { CASES, ONLY, seedOf } from '../fuzz/settings.ts'

let folder: string
let project: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  project = await writeFullProject(folder)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true }))

test.each<[string, number, (seed: number) => Promise<Tally>]>([
  ['project bytes', 2026, seed => fuzzProjectBytes(project, folder, seed, CASES, ONLY)],
  [
    'samples files',
    2028,
    async seed => {
      const [samples, model] = [join(folder, 'a.samples'), join(folder, 'net.onnx')]
      const runner = new Runner()
      await runner.run('samples', 'export', project, '--out', samples)
      runner.stop()
      return fuzzSamplesFiles({ samples, model }, folder, seed, CASES, ONLY)
    },
  ],
  ['page calls', 2030, seed => fuzzPageCalls(project, folder, seed, CASES, ONLY)],
  ['project rows and schemas', 2027, seed => fuzzProjectRows(project, folder, seed, CASES, ONLY)],
])('%s', async (name, fixed, run) => {
  const seed = seedOf(fixed)
  const tally = await run(seed)
  process.stdout.write(`${tableRow(name, seed, tally)}\n`)
  expect(tally.failures).toEqual([])
})
