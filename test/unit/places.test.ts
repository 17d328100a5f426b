import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tooFewFiles } from '../../electron/engine/cli/open-files.ts'
import { makeFolder } from '../../electron/engine/files/user-folder.ts'
import { RememberedRuntimes } from '../../electron/engine/inference/remembered.ts'
import { createProject, openOrCreateProject } from '../../electron/engine/store/open.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'portolan-places-'))
})
afterAll(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true })
})

test('folders are created with their parents, and failures are reported at once', () => {
  makeFolder(join(folder, 'a/b/c'))
  makeFolder(join(folder, 'a/b/c'))
  if (process.platform === 'linux') expect(() => makeFolder('/proc/.portolan/x')).toThrow()
  expect(() => makeFolder('/dev/null/.portolan')).toThrow()
})

test('an unwritable file stops no work: measurements are kept while the process runs', () => {
  for (const place of ['/dev/null/.portolan', '/proc/.portolan']) {
    const remembered = new RememberedRuntimes(join(place, 'runtimes.json'))
    expect(remembered.withoutDevices).toBe(false)
    remembered.looked(false)
    expect(remembered.withoutDevices).toBe(true)
    expect(remembered.choice('model')).toBe('auto')
    expect(() => remembered.choose('model', 'cpu')).toThrow('cannot save the choice of runtime')
  }
})

test('a limit of open files that is too low is a sentence', () => {
  const limits = join(folder, 'limits')
  writeFileSync(limits, 'Limit  Soft Limit  Hard Limit  Units\nMax open files            20   4096   files\n')
  expect(tooFewFiles(limits)).toContain('the limit of open files is 20')
  writeFileSync(limits, 'Max open files            1024   4096   files\n')
  expect(tooFewFiles(limits)).toBeUndefined()
  expect(tooFewFiles(join(folder, 'none'))).toBeUndefined()
})

test.skipIf(process.platform !== 'linux').each([22, 40])(
  'so is one of %d files, which are too few to start (Linux)',
  limit => {
    const launcher = join(import.meta.dirname, '../../electron/engine/cli/portolan.mjs')
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `ulimit -n ${limit}; exec "$0" "$1" --version`, process.execPath, launcher],
      {
        encoding: 'utf8',
      },
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/^portolan: .*raise the limit.* "ulimit -n 1024"\n$/)
  },
  60_000,
)

test('names of projects: as long as their logs may be, and refused in a sentence beyond', () => {
  const named = (bytes: number) => join(folder, `${'n'.repeat(bytes - '.portolan'.length)}.portolan`)
  for (const bytes of [214, 247]) createProject(named(bytes), { command: 'test' }).close()
  for (const bytes of [248, 255]) expect(() => createProject(named(bytes), { command: 'test' })).toThrow('shorter name')
})

test('a project that another process has created meanwhile is opened, or the error names who writes to it', () => {
  const file = join(folder, 'both.portolan')
  const first = openOrCreateProject(file, { command: 'the first' })
  expect(() => openOrCreateProject(file, { command: 'the second' })).toThrow('is being written by "the first"')
  first.close()
  const window = openOrCreateProject(file, { command: 'the Portolan window' })
  expect(() => openOrCreateProject(file, { command: 'atlas build' })).toThrow('close the project in that window')
  window.close()
})
