import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { addPane, atlasShown, barriers, click, command, map, onePane, pointIn, shownCells } from './steps.ts'

/** The atlas view on the real engine: a project with three layers of a small network. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-atlas-'))
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(folder, { samples: 6_400, grids: [10, 20, 40, 80], layers: 3 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page)
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

test('opens a project with its layers side by side, and states what is shown of each', async () => {
  const { app, page, screenshot } = window
  await atlasShown(page, 3)
  for (let pane = 0; pane < 3; pane++)
    expect(await shownCells(page, pane).textContent()).toMatch(/6,400 of 6,400 samples, [\d,]+ of [\d,]+ cells shown/)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle())).toContain('synthetic')
  await screenshot('atlas')
  expect(await barriers(page)).toEqual([])
  await onePane(page)
})

test('zooms from the coarsest grid to the finest, and back by one key', async () => {
  const { page, screenshot } = window
  const grid = page.getByRole('combobox', { name: 'Grid' })
  const shown = async (): Promise<number> =>
    Number(/Grid (\d+)/.exec((await grid.locator('option').first().textContent())!)?.[1])
  await map(page).focus()
  await page.keyboard.press('0')
  await page.waitForTimeout(600)
  const seen = [await shown()]
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('+')
    await page.waitForTimeout(350)
    seen.push(await shown())
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  // A grid is shown once its icons are there.
  await expect.poll(shown, { timeout: 20_000 }).toBe(80)
  await screenshot('atlas-zoomed')
  await page.keyboard.press('Home')
  // A grid stays a little longer than it would be chosen, so that a small movement doesn't flicker.
  await expect.poll(shown, { timeout: 20_000 }).toBeLessThan(80)
})

test('shows three layers side by side, and the hovered samples in all of them', async () => {
  const { page, screenshot } = window
  await addPane(page, 'mixed3b')
  await addPane(page, 'mixed4a')
  await atlasShown(page, 3)
  const at = await pointIn(page, 0, 0.45, 0.5)
  await page.mouse.move(at.x, at.y)
  await page.mouse.move(at.x + 2, at.y)
  const summaries = page.getByText(/of these samples here/)
  await summaries.first().waitFor()
  expect(await summaries.count()).toBe(2)
  await screenshot('atlas-three-layers')
  expect(await barriers(page)).toEqual([])
  await onePane(page)
})

test('filters by a class, with its numbers, and takes it back', async () => {
  const { page, screenshot } = window
  const legend = page.getByRole('button', { name: 'Remove thing 3' })
  await command(page, 'thing 3')
  await legend.first().waitFor()
  await page
    .getByText(/max 0\.\d\d/)
    .first()
    .waitFor()
  await page.waitForTimeout(1200)
  await screenshot('atlas-class-filter')
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Control+z')
  await legend.waitFor({ state: 'detached' })
  await page.keyboard.press('Control+Shift+z')
  await legend.waitFor()
  await page.keyboard.press('Control+z')
  await legend.waitFor({ state: 'detached' })
})

test('leads from a cell to its photographs', async () => {
  const { page, screenshot } = window
  await click(page, 0, 0.5, 0.5)
  await page.getByText(/Photographs, \d+ of [\d,]+/).waitFor()
  const crops = page.locator('aside img, [aria-label="Inspector"] img')
  await expect.poll(() => crops.count(), { timeout: 20_000 }).toBeGreaterThan(4)
  await page.waitForTimeout(1000)
  await screenshot('inspector')
  expect(await barriers(page)).toEqual([])
})

test('shows one photograph as the network sees it, icon by icon', async () => {
  const { page, screenshot } = window
  await page.keyboard.press('Control+4')
  // Nothing is rendered of a photograph that nobody chose.
  await page.getByRole('button', { name: 'Render the icons' }).click()
  await page.getByRole('button', { name: /Row 1, column 1$/ }).waitFor({ timeout: 30_000 })
  await expect
    .poll(() => page.locator('[aria-label="Activation grid"] img').count(), { timeout: 30_000 })
    .toBeGreaterThan(3)
  await page.getByRole('button', { name: /Row 2, column 2$/ }).click()
  await page.waitForTimeout(1000)
  await screenshot('image')
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Control+1')
})

test.each([
  ['6', 'jobs'],
  ['7', 'models'],
  ['8', 'photographs'],
])('the view on key %s, %s, is there and without barriers', async (key, name) => {
  const { page, screenshot } = window
  await page.keyboard.press(`Control+${key}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForTimeout(500)
  await screenshot(name)
  expect(await barriers(page)).toEqual([])
})
