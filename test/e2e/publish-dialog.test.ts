import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, barriers } from './steps.ts'

/** The dialog that publishes a project as a web page. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-publish-dialog-'))
const site = join(folder, 'page')
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(join(folder, 'project'), { samples: 600, grids: [5], layers: 2 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page)
}, 900_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('shows the size of what is chosen only, and writes the page', async () => {
  const { page, app, screenshot } = window
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Publish as a web page')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Publish as a web page' })
  const size = dialog.getByText(/^About [\d.]+ [KM]iB/)
  await dialog.getByRole('button', { name: 'Estimate the size' }).click()
  await size.waitFor({ timeout: 60_000 })
  expect(await barriers(page)).toEqual([])
  await screenshot('publish-dialog')
  const second = dialog.getByRole('checkbox').nth(1)
  await second.uncheck()
  expect(await size.count()).toBe(0)
  // Changed while the size of another choice is on its way.
  await second.check()
  await dialog.getByRole('button', { name: 'Estimate the size' }).click()
  await second.uncheck()
  await dialog.getByRole('button', { name: 'Estimate the size' }).waitFor({ timeout: 60_000 })
  expect(await size.count()).toBe(0)
  await app.evaluate(({ dialog: native }, filePath) => {
    native.showSaveDialog = async () => ({ canceled: false, filePath })
  }, site)
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByText(/^Published to/).waitFor({ timeout: 60_000 })
  expect(await dialog.count()).toBe(0)
  expect(existsSync(join(site, 'index.html'))).toBe(true)
}, 240_000)
