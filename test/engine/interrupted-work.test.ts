import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { startPortolan } from '../fixtures/command-line.ts'
import { fillDisk, killAndResume } from '../fixtures/interruptions.ts'
import {
  prepareProject,
  projectWork,
  resultsOf,
  undisturbed,
  type Workplace,
  writeWorkplace,
} from '../fixtures/project-work.ts'
import { mountRefused, mountSmallDisk } from './store/mounts.ts'

let place: Workplace
const path = (...names: string[]): string => join(place.folder, ...names)
beforeAll(async () => {
  place = await writeWorkplace(mkdtempSync(join(tmpdir(), 'portolan-work-')))
}, 240_000)
afterAll(() => rmSync(place.folder, { recursive: true }))

/** A folder that can become a small disk; the test is skipped where that is refused. */
const folderForDisk = (context: TestContext, name: string): string => {
  const folder = path(name)
  mkdirSync(folder)
  const refused = mountRefused(folder)
  if (refused !== undefined) context.skip(refused)
  return folder
}

// Once each; many moments and sizes, and all kinds, in test/long.
test.each(['a class atlas', 'an import of samples'] as const)(
  '%s: killed, or on a full disk, it is continued with the same results',
  async name => {
    const work = projectWork[name]!
    const { results, duration } = await undisturbed(work, place, path(`${name}.portolan`))
    await killAndResume({ work, place, file: path(`${name} killed.portolan`), expected: results }, 0.7 * duration)
    const folder = path(`${name} on a disk`)
    mkdirSync(folder)
    if (mountRefused(folder) !== undefined) return
    const bytes = (work.startsFrom === 'nothing' ? 0 : place.bytes) + 400_000
    expect(await fillDisk({ work, place, file: join(folder, 'a.portolan'), expected: results }, bytes)).toBe(true)
  },
  240_000,
)

test('output for which the disk has no room ends in one sentence, and leaves no file', async context => {
  const folder = folderForDisk(context, 'small')
  mountSmallDisk(folder, 4096)
  const experiment = path('exports.portolan')
  prepareProject(projectWork['an experiment']!, place, experiment)
  const trials = [
    ...projectWork['an experiment']!.command(place, experiment),
    '--sizes',
    '0.4',
    '--positions',
    'centre',
  ]
  const atlas = ['atlas', 'export', place.base, '--layer', 'mixed3b', '--grid', '4']
  for (const [file, args] of [
    ['a.png', [...atlas, '--png']],
    ['a.json', [...atlas, '--cells']],
    ['a.samples', ['samples', 'export', place.base, '--out']],
    ['a.csv', [...trials, '--csv']],
    ['trials.json', [...trials, '--trials']],
    ['plate.png', [...trials, '--png']],
  ] as const) {
    const { status, out, err } = await startPortolan(...args, join(folder, file)).ended
    const sentence = err.split('\n').filter(line => line.startsWith('portolan: '))
    expect(sentence).toEqual([`portolan: cannot write ${join(folder, file)}: the disk is full; choose another place`])
    expect([status, out]).toEqual([1, ''])
    expect(readdirSync(folder)).toEqual([])
  }
}, 240_000)

describe('two commands on one project', () => {
  test('the second that writes is refused with the name of the first, whatever it is; reading is not', async () => {
    const file = path('held.portolan')
    const [held, second] = [projectWork['a class atlas']!, projectWork['a comparison']!]
    prepareProject(held, place, file)
    const before = resultsOf(file)
    const running = startPortolan(...held.command(place, file), '--steps', '16384')
    await running.waitFor(/icons/)
    for (const name of ['a comparison', 'an experiment', 'suggestions', 'an import of samples']) {
      const { status, out, err } = await startPortolan(...projectWork[name]!.command(place, file)).ended
      expect([name, status, out]).toEqual([name, 1, ''])
      expect(err, name).toContain(`is being written by "portolan class-atlas" (process ${running.pid} on `)
    }
    for (const args of [
      ['project', 'info', file],
      ['project', 'check', file],
      ['atlas', 'export', file, '--layer', 'mixed3b', '--grid', '4', '--cells', path('held.json')],
    ]) {
      const { status, err } = await startPortolan(...args).ended
      expect(status, err).toBe(0)
    }
    running.kill('SIGINT')
    expect((await running.ended).status).toBe(130)
    for (const table of ['samples', 'trials', 'experiments']) expect(resultsOf(file)[table]).toEqual(before[table])
    const { status, err } = await startPortolan(...second.command(place, file)).ended
    expect(status, err).toBe(0)
  }, 240_000)

  test('that begin one at the same moment result in one project', async () => {
    const work = projectWork['an import of samples']!
    const { results } = await undisturbed(work, place, path('alone.portolan'))
    const file = path('together.portolan')
    const ends = await Promise.all(Array.from({ length: 4 }, () => startPortolan(...work.command(place, file)).ended))
    expect(ends.some(({ status }) => status === 0)).toBe(true)
    for (const { status, err } of ends)
      if (status !== 0)
        expect(err).toMatch(/^portolan: [^\n]+ is being written by "portolan samples import" [^\n]+\n$/m)
    expect(resultsOf(file)).toEqual(results)
  }, 120_000)
})
