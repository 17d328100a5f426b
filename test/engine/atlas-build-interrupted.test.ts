import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkProject } from '../../electron/engine/store/check.ts'
import {
  buildsIn,
  buildUndisturbed,
  built,
  contents,
  GRIDS,
  lastJob,
  outcomes,
  portolan,
} from '../fixtures/atlas-build.ts'
import { startPortolan } from '../fixtures/command-line.ts'
import { random } from '../fixtures/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-build-'))
const builds = buildsIn(folder)
const { path, order, small, undisturbed } = builds

beforeAll(() => buildUndisturbed(builds))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('an interrupted build', () => {
  it('loses nothing when it is killed at 20 random moments', { timeout: 480_000 }, async () => {
    const KILLS = 20
    const oneLayer = (file: string) => [...small(file), '--grid', GRIDS.join()]
    const begun = performance.now()
    await built(oneLayer(path('whole.portolan')))
    const duration = performance.now() - begun
    const expected = contents(path('whole.portolan'))
    const next = random(20)
    // One moment in every twentieth of the build, in any order.
    const moments = Array.from({ length: KILLS }, (_, i) => ({ after: ((i + next()) / KILLS) * duration, by: next() }))
    let projects = 0
    const fresh = (): string => path(`killed-${projects++}.portolan`)
    let project = fresh()
    for (const { after } of moments.toSorted((a, b) => a.by - b.by))
      for (let killed = false; !killed; ) {
        const child = startPortolan(...oneLayer(project))
        await Promise.race([wait(after), child.ended])
        child.kill('SIGKILL')
        const { status, err } = await child.ended
        if (existsSync(project)) expect(checkProject(project).faults).toEqual([])
        killed = status === null
        if (killed) continue
        // It had less left to do than the time it was given: it must be complete, and the next project is killed.
        expect(status, err).toBe(0)
        expect(contents(project)).toEqual(expected)
        project = fresh()
      }
    await built(oneLayer(project))
    expect(contents(project)).toEqual(expected)
    expect(checkProject(project).faults).toEqual([])
  })

  it('is cancelled by SIGINT, and resumes to the same result', async () => {
    const project = path('stopped.portolan')
    const child = startPortolan(...order(project))
    await child.waitFor(/mixed3b: umap/)
    child.kill('SIGINT')
    const { status, err } = await child.ended
    expect([status, err.trimEnd().split('\n').at(-1)]).toEqual([130, 'portolan: stopped'])
    expect(lastJob(project)).toMatchObject({ state: 'cancelled', error: null })
    expect(checkProject(project).faults).toEqual([])
    expect(outcomes(await built(order(project))).samples).toBe('reused')
    expect(contents(project)).toEqual(contents(undisturbed()))
  })

  it('keeps its project locked against a second one, until it is cancelled from another process', async () => {
    const project = path('held.portolan')
    const long = [...small(project), '--steps', '16384']
    const child = startPortolan(...long)
    await child.waitFor(/mixed4a: icons/)
    const second = await portolan(small(project))
    expect([second.status, second.out]).toEqual([1, ''])
    expect(second.err).toContain(`is being written by "portolan atlas build" (process ${child.pid} on `)
    expect((await portolan(['jobs', 'cancel', project])).status).toBe(0)
    const { status, err } = await child.ended
    expect(status).toBe(1)
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/^portolan: atlas build was cancelled: /)
    expect(lastJob(project).state).toBe('cancelled')
    expect(checkProject(project).faults).toEqual([])
  })
})
