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
import { inPage, type Started, start } from './electron.ts'
import { atlasShown, barriers, map } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'portolan-starts-'))
const file = join(folder, 'starts.portolan')
let window: Started

beforeAll(async () => {
  const photographs = join(folder, 'photographs')
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(photographs, 60)
  const db = createProject(file, { command: 'a test' })
  enterModel(db, await loadClassifier(join(folder, 'net.onnx')))
  await enterPhotographs(db, [photographs], { signal: new AbortController().signal, report: silent })
  db.close()
  window = await start({ realEngine: true, args: [file] })
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('icons start from photographs where that is chosen by name, and the inspector says so', async () => {
  const { page, screenshot } = window
  await page.getByRole('button', { name: 'Build an atlas' }).first().waitFor({ timeout: 30_000 })
  await page.keyboard.press('Control+b')
  const dialog = page.getByRole('dialog', { name: 'Build an atlas' })
  await dialog.getByLabel(/^Samples/).fill('240')
  await dialog.getByLabel('Grids, coarse to fine').fill('2')
  await dialog.getByText('Parameters', { exact: true }).click()
  await dialog.getByLabel('Optimisation steps per icon').fill('3')
  const starts = dialog.getByLabel('Icons', { exact: false })
  expect(await starts.inputValue()).toBe('noise')
  await starts.selectOption({ label: 'Start from photographs (blurred mean of 12 crops)' })
  await dialog.getByText('cells with fewer than 3 start from noise').waitFor()
  await starts.scrollIntoViewIfNeeded()
  await screenshot('build-from-photographs')
  expect(await barriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Build' }).click()
  await expect
    .poll(() => inPage(page, async bridge => (await bridge.call('jobs.list', {}))[0]?.state ?? '', null), {
      timeout: 90_000,
    })
    .toBe('done')
  await page.keyboard.press('Control+1')
  await atlasShown(page)
  await map(page).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  const provenance = page.getByRole('region', { name: 'Provenance' })
  await provenance.getByText('photographs (blurred mean of 12 crops)').waitFor({ timeout: 20_000 })
  await provenance.scrollIntoViewIfNeeded()
  await screenshot('icon-from-photographs')
}, 180_000)
