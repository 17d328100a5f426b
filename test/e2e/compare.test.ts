import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, barriers, command, onePane } from './steps.ts'

/** Class atlases and comparisons on the real engine: samples of two layers of a small network. */
const SAMPLES = 3_200
const folder = mkdtempSync(join(tmpdir(), 'portolan-compare-'))
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(folder, { samples: SAMPLES, grids: [10, 20], layers: 2 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page)
  await onePane(window.page)
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The counts that a class atlas shows once it is there. */
const partShown = (page: Page, pane = 0): Locator =>
  page.getByText(/[\d,]+ of [\d,]+ samples in \d+ of \d+ cells/).nth(pane)
const counts = (page: Page): Locator => page.getByText(/mixed\w+ [\d,]+ of 3,200/).first()
const passed = async (page: Page): Promise<number> =>
  Number(/([\d,]+) of 3,200/.exec((await counts(page).textContent())!)![1]!.replace(',', ''))
const choose = async (page: Page, label: string, name: string): Promise<void> => {
  await page.getByRole('combobox', { name: label, exact: true }).fill(name)
  await page.keyboard.press('Enter')
}
/** Icons of an atlas of a part come after it, and it moves to its place before them. */
const finished = async (page: Page): Promise<void> => {
  await page
    .getByRole('progressbar', { name: /Building the atlas/ })
    .first()
    .waitFor({ state: 'detached', timeout: 90_000 })
  await page.waitForTimeout(2500)
}

test('the palette leads to a class; what its filter lets through is shown before anything is built', async () => {
  const { page } = window
  await command(page, 'Class atlas of thing 3')
  await counts(page).waitFor()
  const both = await passed(page)
  expect(both).toBeGreaterThan(0)
  expect(both).toBeLessThan(SAMPLES)
  const [rank, magnitude] = [page.getByLabel(/class in their top/), page.getByLabel(/or among the/)]
  await rank.uncheck()
  await expect.poll(() => passed(page)).toBe(200)
  await rank.check()
  await magnitude.uncheck()
  await expect.poll(() => passed(page)).toBeLessThanOrEqual(both)
  await rank.uncheck()
  await page.getByText(/Choose rank, magnitude or both/).waitFor()
  expect(await page.getByRole('button', { name: 'Build class atlas' }).isDisabled()).toBe(true)
  await rank.check()
  await magnitude.check()
  await expect.poll(() => passed(page)).toBe(both)
})

test('a class atlas is built, and shows every sample that passed in a cell or beside one', async () => {
  const { page, screenshot } = window
  const both = await passed(page)
  await page.getByRole('button', { name: 'Build class atlas' }).click()
  await partShown(page).waitFor({ timeout: 90_000 })
  await finished(page)
  expect(await partShown(page).textContent()).toContain(`of ${both.toLocaleString('en')} samples in`)
  await page.getByRole('region', { name: 'Across layers' }).getByRole('listitem').getByRole('button').first().waitFor()
  await screenshot('class-atlas')
  expect(await barriers(page)).toEqual([])
}, 180_000)

test('keys go from cell to cell, and to the cells in the whole atlas and back', async () => {
  const { page, screenshot } = window
  await page.getByRole('application').focus()
  await page.keyboard.press('Alt+ArrowRight')
  const heading = page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 })
  await expect.poll(() => heading.textContent()).toMatch(/row \d+, column \d+/)
  const before = await heading.textContent()
  await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(() => heading.textContent()).not.toBe(before)
  const there = page.getByRole('button', { name: 'Show positions in the whole atlas' })
  await there.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => there.getAttribute('aria-pressed')).toBe('true')
  await page.waitForTimeout(2000)
  await screenshot('class-atlas-whereabouts')
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Enter')
  await expect.poll(() => there.getAttribute('aria-pressed')).toBe('false')
})

test('the small map opens the whole atlas at the cell, and a class goes back to its atlas', async () => {
  const { page } = window
  await page.getByRole('button', { name: 'Show these cells in the whole atlas' }).click()
  await page
    .getByText(/of [\d,]+ cells shown/)
    .first()
    .waitFor()
  const inspector = page.getByRole('complementary', { name: 'Inspector' })
  await inspector
    .getByText(/row \d+, column \d+/)
    .first()
    .waitFor()
  await inspector.getByRole('button', { name: /Class atlas of/ }).click()
  await page.getByRole('button', { name: 'Build class atlas' }).waitFor()
})

test('the same class is shown in two layers side by side', async () => {
  const { page, screenshot } = window
  await choose(page, 'Class', 'thing 3')
  await page.getByRole('group', { name: 'Layers side by side' }).getByRole('button', { pressed: false }).click()
  await page.getByRole('button', { name: 'Build class atlas' }).click()
  await partShown(page, 1).waitFor({ timeout: 90_000 })
  await finished(page)
  await screenshot('class-atlas-two-layers')
  expect(await page.getByRole('application').count()).toBe(2)
  expect(await barriers(page)).toEqual([])
  await page.getByRole('group', { name: 'Layers side by side' }).getByRole('button', { pressed: true }).last().click()
}, 180_000)

test('a build can be cancelled and resumed', async () => {
  const { page } = window
  await choose(page, 'Class', 'thing 7')
  const magnitude = page.getByRole('spinbutton', { name: 'Magnitude' })
  await magnitude.fill('3000')
  await page.getByText('No class atlas of thing 7 yet').waitFor()
  await page.getByRole('button', { name: 'Build class atlas' }).click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click({ timeout: 30_000 })
  await page.getByText('Cancelled.').waitFor({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByText('Cancelled.').waitFor({ state: 'detached' })
  await partShown(page).waitFor({ timeout: 90_000 })
  await page
    .getByRole('button', { name: 'Cancel', exact: true })
    .click({ timeout: 5000 })
    .catch(() => {})
  await magnitude.fill('200')
}, 180_000)

test('two classes are compared along an axis with a zero, and swapped', async () => {
  const { page, screenshot } = window
  await command(page, 'Compare thing 3 with')
  await choose(page, 'Class on the right', 'thing 5')
  await page.getByRole('button', { name: 'Compare', exact: true }).last().click()
  await partShown(page).waitFor({ timeout: 90_000 })
  await finished(page)
  const axis = page.getByRole('img', { name: /attribution to thing 5 minus attribution to thing 3/ })
  await axis.waitFor()
  expect(await axis.getByText('0', { exact: true }).count()).toBe(1)
  const rows = page.getByRole('region', { name: 'Separating cells' }).getByRole('listitem')
  await rows.first().waitFor()
  const difference = async (): Promise<number> =>
    Number(/[+−][\d.]+/.exec((await rows.first().textContent())!)![0].replace('−', '-'))
  const one = await difference()
  await screenshot('comparison')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Swap sides' }).click()
  await page.getByRole('img', { name: /attribution to thing 3 minus attribution to thing 5/ }).waitFor()
  await expect.poll(difference, { timeout: 20_000 }).toBeCloseTo(-one, 2)
  await page.waitForTimeout(1500)
  await screenshot('comparison-swapped')
}, 180_000)

test('a ranked cell is inspected, and its icon tried as a patch', async () => {
  const { page, screenshot } = window
  const row = page.getByRole('region', { name: 'Separating cells' }).getByRole('button', { name: /photograph/ })
  await row.first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: 'Inspector' }).getByText('Fidelity', { exact: true }).waitFor()
  expect(await row.first().getAttribute('aria-pressed')).toBe('true')
  await screenshot('comparison-cell')
  expect(await barriers(page)).toEqual([])
  await command(page, 'Use the icon of the selected cell')
  await page.getByText(/to the patch gallery/).waitFor()
  await page.getByRole('button', { name: 'Patch lab' }).and(page.locator('[aria-current=page]')).waitFor()
  await page.keyboard.press('Control+3')
  await partShown(page).waitFor()
})

test('nothing moves where motion is to be reduced', async () => {
  const { page } = window
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const there = page.getByRole('button', { name: 'Show positions in the whole atlas' })
  await there.click()
  await expect.poll(() => there.getAttribute('aria-pressed')).toBe('true')
  // Everything that both sides show is fetched by then; on the way back only cells could move.
  await page.waitForTimeout(3000)
  await there.click()
  await expect.poll(() => there.getAttribute('aria-pressed')).toBe('false')
  await page.mouse.move(5, 5)
  const picture = () => page.getByRole('application').screenshot()
  const once = await picture()
  await page.waitForTimeout(1500)
  expect(once.equals(await picture())).toBe(true)
})

test('a stored comparison is removed', async () => {
  const { page } = window
  await page.getByRole('button', { name: /Remove this comparison/ }).click()
  await page.getByText('Not compared yet').waitFor()
})
