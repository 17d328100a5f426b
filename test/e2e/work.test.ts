import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silent } from '../../electron/contract/progress.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { checkProject } from '../../electron/engine/store/check.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { enginePid, inPage, type Started, start } from './electron.ts'
import { shownCells } from './steps.ts'

/** Long work in the window: a build that is cancelled, killed and left, and loses nothing. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-work-'))
const file = join(folder, 'work.portolan')
const photographs = join(folder, 'photographs')
let window: Started

const build = (name: string, steps: number) =>
  inPage(
    window.page,
    async (bridge, { name, steps }) => {
      const [model] = await bridge.call('models.list', {})
      const [folder] = await bridge.call('folder.list', {})
      const { job } = await bridge.call('atlas.build', {
        name,
        model: model!.hash,
        folders: [folder!.id],
        layers: ['mixed3a'],
        samples: 240,
        grids: [4],
        preset: 'draft',
        steps,
        seed: steps,
        method: 'umap',
        neighbours: 5,
        minDist: 0.1,
        metric: 'cosine',
        layoutSeed: 0,
      })
      return job
    },
    { name, steps },
  )

const state = (job: number) =>
  inPage(
    window.page,
    async (bridge, job) => (await bridge.call('jobs.list', {})).find(({ id }) => id === job)?.state ?? 'none',
    job,
  )

/** Waits until the job has reached its icons: what it samples first is done in a moment. */
const inverting = (job: number) =>
  expect
    .poll(
      () =>
        inPage(
          window.page,
          async (bridge, job) => (await bridge.call('jobs.list', {})).find(({ id }) => id === job)?.stage,
          job,
        ),
      { timeout: 30_000 },
    )
    .toMatch(/icons/)

/** A job is cancelled between two batches, within about a second on a machine that does nothing else. */
const PATIENT = { timeout: 20_000 }

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(photographs, 120)
  const db = createProject(file, { command: 'a test' })
  enterModel(db, await loadClassifier(join(folder, 'net.onnx')))
  await enterPhotographs(db, [photographs], { signal: new AbortController().signal, report: silent })
  db.close()
  window = await start({ realEngine: true, args: [file] })
  await window.page.getByRole('button', { name: 'Build an atlas' }).waitFor({ timeout: 30_000 })
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a build', () => {
  test('is cancelled and resumed where its progress is shown', async () => {
    const { page, screenshot } = window
    const job = await build('first', 600)
    await page.keyboard.press('Control+6')
    await inverting(job)
    await page.getByRole('progressbar').first().waitFor()
    await screenshot('job-running')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => state(job), PATIENT).toBe('cancelled')
    await page.getByRole('button', { name: 'Resume' }).first().click()
    await expect.poll(() => state(job + 1), PATIENT).toBe('running')
    await screenshot('job-resumed')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => state(job + 1), PATIENT).toBe('cancelled')
  }, 90_000)

  test('whose engine is killed loses nothing: the window reports it and carries on', async () => {
    const { app, page, screenshot } = window
    const job = await build('killed', 800)
    await inverting(job)
    await page.keyboard.press('Control+1')
    await shownCells(page).waitFor()
    const before = enginePid(app)
    process.kill(before!, 'SIGKILL')
    // The same window, the same project, without anybody's doing; the report stays until it is closed.
    await page.getByText(/The engine stopped \(it was killed by SIGKILL\) and was restarted/).waitFor()
    expect(await shownCells(page).isVisible()).toBe(true)
    await screenshot('engine-killed')
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    expect(enginePid(app)).not.toBe(before)
    expect(await state(job)).toBe('interrupted')
    await page.keyboard.press('Control+6')
    await page.getByText('Interrupted').first().waitFor()
    await page.getByRole('button', { name: 'Resume' }).first().click()
    await expect.poll(() => state(job + 1), PATIENT).toBe('running')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => state(job + 1), PATIENT).toBe('cancelled')
  }, 90_000)

  test('whose window is closed is found interrupted, in a project without faults', async () => {
    const job = await build('left', 1000)
    await inverting(job)
    await window.app.close()
    expect(checkProject(file).faults).toEqual([])
    window = await start({ realEngine: true, args: [file] })
    await shownCells(window.page).waitFor({ timeout: 30_000 })
    expect(await state(job)).toBe('interrupted')
  }, 90_000)
})
