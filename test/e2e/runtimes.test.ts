import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silent } from '../../electron/contract/progress.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { inPage, root, type Started, start } from './electron.ts'

/** A window whose engine loses its graphics device in the middle of a job (test/fixtures/faulty-engine.ts). */
const folder = mkdtempSync(join(tmpdir(), 'portolan-runtimes-'))
const file = join(folder, 'lost.portolan')
let window: Started

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(join(folder, 'photographs'), 60)
  const db = createProject(file, { command: 'a test' })
  enterModel(db, await loadClassifier(join(folder, 'net.onnx')))
  await enterPhotographs(db, [join(folder, 'photographs')], { signal: new AbortController().signal, report: silent })
  db.close()
  window = await start({ env: { PORTOLAN_ENGINE: join(root, 'test/fixtures/faulty-engine.ts') }, args: [file] })
  await window.page.getByRole('button', { name: 'Build an atlas' }).waitFor({ timeout: 30_000 })
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a job whose device is lost is finished on the CPU; banner, log and Models page report it', async () => {
  const { page, screenshot } = window
  const message = /^webgpu failed while it ran .+: the device was lost; using cpu until Portolan is restarted/
  const job = await inPage(
    page,
    async bridge => {
      const [model] = await bridge.call('models.list', {})
      const [photographs] = await bridge.call('folder.list', {})
      const { job } = await bridge.call('atlas.build', {
        name: 'lost',
        model: model!.hash,
        folders: [photographs!.id],
        layers: ['mixed3a'],
        samples: 60,
        grids: [3],
        preset: 'draft',
        steps: 12,
        seed: 0,
        method: 'umap',
        neighbours: 5,
        minDist: 0.1,
        metric: 'cosine',
        layoutSeed: 0,
      })
      return job
    },
    null,
  )
  await page.getByRole('alert').getByText(message).waitFor({ timeout: 60_000 })
  const state = () =>
    inPage(
      page,
      async (bridge, job) => (await bridge.call('jobs.list', {})).find(({ id }) => id === job)?.state ?? 'none',
      job,
    )
  await expect.poll(state, { timeout: 60_000 }).toBe('done')
  await page.keyboard.press('Control+6')
  await page.getByRole('button', { name: 'Log' }).first().click()
  await page.getByRole('cell', { name: message }).first().waitFor()
  await screenshot('runtime-aside-log')
  await page.keyboard.press('Control+7')
  const runtimes = page.getByRole('region', { name: 'Runtimes' })
  await runtimes.getByText(message).waitFor()
  expect(await runtimes.getByRole('heading').first().textContent()).toBe('Runs on CPU')
  await screenshot('runtime-aside-models')
}, 150_000)
