import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silent } from '../../electron/contract/progress.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { type Started, start } from './electron.ts'
import { barriers } from './steps.ts'

/** Views without maps: exports, dropped pictures, models without a sidecar, and what a restart restores; on a small network. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-export-'))
const path = (name: string): string => join(folder, name)
let window: Started
/** Where the patch was dropped: whole pixels of the screen. */
let centre = ''

const open = (): Promise<Started> =>
  start({ realEngine: true, args: [path('views.portolan')], profile: path('profile') })
const show = (name: string) =>
  window.page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name }).click()
/** The native dialogs answer with these files. */
const answer = (files: { readonly save?: string; readonly open?: string }): Promise<void> =>
  window.app.evaluate(({ dialog }, { save, open: chosen }) => {
    if (save !== undefined) dialog.showSaveDialog = async () => ({ canceled: false, filePath: save })
    if (chosen !== undefined) dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
  }, files)

beforeAll(async () => {
  mkdirSync(path('photographs'))
  await writeNetwork(path('net.onnx'))
  await writeNetwork(path('mute.onnx'), { sidecar: false })
  await writePhotographs(path('photographs'), 6)
  const db = createProject(path('views.portolan'), { command: 'a test' })
  enterModel(db, await loadClassifier(path('net.onnx')))
  await enterPhotographs(db, [path('photographs')], { signal: new AbortController().signal, report: silent })
  db.close()
  window = await open()
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a picture is placed where it is dropped, and the figure before and after is exported as PDF by Ctrl E', async () => {
  const { page } = window
  await show('Patch lab')
  await page.getByRole('button', { name: 'Choose a photograph' }).click()
  const dialog = page.getByRole('dialog')
  await dialog
    .getByRole('button')
    .filter({ has: page.locator('img') })
    .first()
    .click()
  await page.getByText(/pixels, as classified/).waitFor({ timeout: 30_000 })
  const stage = page.getByRole('group', { name: 'Photograph with its patches' })
  const picture = (await photograph(40, 30, 3).png().toBuffer()).toString('base64')
  await stage.evaluate((square, base64) => {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([bytes], 'ball.png', { type: 'image/png' }))
    const { left, top, width, height } = square.getBoundingClientRect()
    const at = {
      clientX: left + 0.25 * width,
      clientY: top + 0.4 * height,
      bubbles: true,
      cancelable: true,
      dataTransfer,
    }
    square.dispatchEvent(new DragEvent('dragover', at))
    return new Promise<void>(resolve =>
      requestAnimationFrame(() =>
        setTimeout(() => {
          const target = square.querySelector('[data-what="patch"]')!
          target.dispatchEvent(new DragEvent('dragenter', at))
          target.dispatchEvent(new DragEvent('drop', at))
          resolve()
        }, 100),
      ),
    )
  }, picture)
  await page.getByLabel('Centre x').waitFor({ timeout: 20_000 })
  centre = await page.getByLabel('Centre x').inputValue()
  expect(Number(centre)).toBeCloseTo(25, 0)
  expect(Number(await page.getByLabel('Centre y').inputValue())).toBeCloseTo(40, 0)
  await page.getByText(/pixels, as classified/).waitFor({ timeout: 30_000 })

  await answer({ save: path('figure.pdf') })
  await page.keyboard.press('Control+e')
  const exporting = page.getByRole('dialog', { name: 'Export the view' })
  await exporting.getByRole('button', { name: 'PDF' }).click()
  await exporting.getByText(/180 × \d+ mm; text is text/).waitFor({ timeout: 30_000 })
  expect(await barriers(page)).toEqual([])
  await exporting.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => existsSync(path('figure.pdf')), { timeout: 30_000 }).toBe(true)
  await expect.poll(() => readFileSync(path('figure.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
}, 120_000)

test('the attribution to a class lies over the photograph without an icon being rendered, and is exported with its values', async () => {
  const { page, screenshot } = window
  await show('Image')
  const predictions = page.getByRole('complementary', { name: 'Predictions and attribution' })
  await predictions.getByRole('button').first().click({ timeout: 30_000 })
  await page.getByText(/logits, attribution to thing \d/).waitFor({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Position at row 1, column 1' }).click()
  await page.getByText(/^Row 1, column 1 at/).waitFor()
  expect(await page.getByRole('button', { name: 'Render the icons' }).count()).toBe(1)
  await screenshot('image-attribution')
  expect(await barriers(page)).toEqual([])
  await answer({ save: path('values.csv') })
  await page.keyboard.press('Control+e')
  const exporting = page.getByRole('dialog', { name: 'Export the view' })
  await exporting.getByRole('button', { name: 'Values as CSV' }).click()
  await expect.poll(() => existsSync(path('values.csv')), { timeout: 30_000 }).toBe(true)
  expect(readFileSync(path('values.csv'), 'utf8')).toMatch(/^row,column,attribution to thing \d\r\n0,0,-?[\d.e-]+\r\n/)
  await exporting.getByRole('button', { name: 'Cancel' }).click()
}, 120_000)

test('a restart restores the composition of the editor, and the photograph and class of Image', async () => {
  const { page } = window
  await show('Image')
  const second = page
    .getByRole('navigation', { name: 'Photographs' })
    .getByRole('button')
    .filter({ has: page.locator('img') })
    .nth(1)
  await second.click()
  const title = await second.getAttribute('title')
  // Saved shortly after the last change.
  await page.waitForTimeout(2000)
  await window.app.close()
  window = await open()
  await show('Image')
  const shown = window.page.getByRole('navigation', { name: 'Photographs' }).locator('button[aria-pressed="true"]')
  await expect.poll(() => shown.getAttribute('title'), { timeout: 30_000 }).toBe(title)
  await window.page.getByText(/logits, attribution to thing \d/).waitFor({ timeout: 30_000 })
  // Nobody asked for its icons since.
  expect(await window.page.getByRole('button', { name: 'Render the icons' }).count()).toBe(1)
  await show('Patch lab')
  await expect.poll(() => window.page.getByLabel('Centre x').inputValue(), { timeout: 30_000 }).toBe(centre)
}, 120_000)

test('a model without a sidecar is described in a form that shows what it predicts', async () => {
  const { page, screenshot } = window
  await show('Models')
  await answer({ open: path('mute.onnx') })
  await page.getByRole('button', { name: 'Add a model' }).click()
  const form = page.getByRole('dialog', { name: 'Describe mute.onnx' })
  await form.getByLabel('Name', { exact: true }).fill('Mute')
  await expect
    .poll(() => form.getByRole('region', { name: 'Test prediction' }).locator('li').count(), { timeout: 30_000 })
    .toBe(4)
  await screenshot('models-form')
  expect(await barriers(page)).toEqual([])
  await form.getByRole('button', { name: 'Save and add the model' }).click()
  await form.waitFor({ state: 'detached', timeout: 30_000 })
  await page.getByRole('heading', { name: 'Mute', exact: true }).waitFor({ timeout: 30_000 })
  expect(JSON.parse(readFileSync(path('mute.model.json'), 'utf8'))).toMatchObject({ name: 'Mute' })
}, 120_000)
