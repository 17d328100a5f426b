import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFullProject } from '../fuzz/full-project.ts'
import { fuzzProjectBytes } from '../fuzz/project-bytes.ts'
import { fuzzProjectRows } from '../fuzz/project-rows.ts'
import type { Tally } from '../fuzz/report.ts'
import { Runner } from '../fuzz/runner.ts'
import { fuzzSamplesFiles } from '../fuzz/samples-files.ts'

let folder: string
let project: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-fuzz-'))
  project = await writeFullProject(folder)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true }))

test.each<[string, () => Promise<Tally>]>([
  [
    '400 damaged projects: none is called whole, none ends in a stack',
    () => fuzzProjectBytes(project, folder, 2026, 400),
  ],
  ['300 projects made by hand end in a result or a sentence', () => fuzzProjectRows(project, folder, 2027, 300)],
  [
    '300 samples files end in a result or a sentence',
    async () => {
      const [samples, model] = [join(folder, 'a.samples'), join(folder, 'net.onnx')]
      const runner = new Runner()
      await runner.run('samples', 'export', project, '--out', samples)
      runner.stop()
      return fuzzSamplesFiles({ samples, model }, folder, 2028, 300)
    },
  ],
])('%s', async (_, run) => {
  const { endings, failures } = await run()
  process.stdout.write(`${JSON.stringify(endings)}\n`)
  expect(failures).toEqual([])
})
