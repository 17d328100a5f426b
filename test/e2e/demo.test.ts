import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inPage, type Started, start } from './electron.ts'
import { atlasShown, barriers, command } from './steps.ts'

/** The demo as a newcomer finds it: with photographs for everything, and a tour through one finding. */
let window: Started
const tour = () => window.page.getByRole('dialog', { name: /./ }).filter({ hasText: /of 5/ })
const next = () => tour().getByRole('button', { name: 'Next' }).click()
/** The pictures that are shown inside something, once all have been fetched; 0 wide: broken. */
const widths = async (within: string): Promise<readonly number[]> => {
  const pictures = window.page.locator(`${within} img`)
  await pictures.first().waitFor({ timeout: 100_000 })
  await expect
    .poll(() => pictures.evaluateAll(all => all.every(one => (one as HTMLImageElement).complete)), { timeout: 100_000 })
    .toBe(true)
  return pictures.evaluateAll(all => all.map(one => (one as HTMLImageElement).naturalWidth))
}
const noneBroken = async (within: string, minimum: number): Promise<void> => {
  const found = await widths(within)
  expect(found.length).toBeGreaterThanOrEqual(minimum)
  expect(Math.min(...found)).toBeGreaterThan(0)
}
/** Waits until at least one batch of icons is there. */
const firstLook = (): Promise<void> =>
  expect
    .poll(
      () =>
        inPage(
          window.page,
          async bridge => {
            const [atlas] = await bridge.call('atlas.list', {})
            if (atlas === undefined) return 0
            const { state } = await bridge.call('atlas.cells', { atlas: atlas.id, grid: atlas.grids[0]!.grid })
            return state.filter(one => one > 0).length
          },
          null,
        ),
      { timeout: 100_000 },
    )
    .toBeGreaterThan(0)
const CREDIT = /Photograph by .+, CC BY 2\.0, .+, made square and resized to 256 × 256 px/

beforeAll(async () => {
  window = await start({ realEngine: true })
  window.page.setDefaultTimeout(100_000)
  await atlasShown(window.page)
}, 120_000)
afterAll(() => window.close())

describe('the demo', () => {
  test('offers its tour, whose first step is next to the atlas', async () => {
    await tour().waitFor({ timeout: 100_000 })
    expect(await tour().textContent()).toContain('An atlas')
    await window.screenshot('tour-1')
    expect(await barriers(window.page)).toEqual([])
    // A first look of what is shown is enough here: first-run.test.ts follows the demo further. Quiet from here on.
    await firstLook()
    await inPage(
      window.page,
      async bridge => {
        for (const job of await bridge.call('jobs.list', {}))
          if (job.kind === 'demo') await bridge.call('jobs.cancel', { job: job.id })
      },
      null,
    )
  }, 240_000)

  test('shows the real photographs of a cell, with their authors', async () => {
    const { page, screenshot } = window
    await next()
    await tour().getByText('A cell', { exact: true }).waitFor()
    // A cell of the finest grid is shown from three samples on.
    await noneBroken('section[aria-label="Photographs"]', 3)
    const crop = page.locator('section[aria-label="Photographs"] li button').first()
    expect(await crop.getAttribute('title')).toMatch(CREDIT)
    await page.getByText(/^Authors and licences/).click()
    await screenshot('tour-2')
    await page.getByText(CREDIT).first().waitFor()
    expect(await barriers(page)).toEqual([])
  }, 240_000)

  test('looks at a photograph position by position', async () => {
    const { page, screenshot } = window
    await next()
    await tour()
      .getByText(/Predictions of the model for this photograph: alp [\d.]+ %/)
      .waitFor({ timeout: 100_000 })
    await page.getByText(CREDIT).first().waitFor()
    await noneBroken('nav[aria-label="Photographs"]', 60)
    await noneBroken('figure', 1)
    await page.getByText(/14 × 14 positions/).waitFor({ timeout: 100_000 })
    await noneBroken('[aria-label="Activation grid"]', 1)
    await screenshot('tour-3')
  }, 240_000)

  test('has a patch that changes the prediction, by the numbers that the tour states', async () => {
    const { page, screenshot } = window
    await next()
    await page.getByText(/224 × 224 pixels, as classified/).waitFor({ timeout: 100_000 })
    await tour()
      .getByText(/With a photograph of glowing coals/)
      .waitFor({ timeout: 100_000 })
    const text = await tour().textContent()
    const [before, after, risen, control] = [
      /alp goes from ([\d.]+) %/,
      /alp goes from [\d.]+ % to ([\d.]+) %/,
      /volcano from [\d.]+ % to ([\d.]+) %/,
      /gives volcano ([\d.]+) %/,
    ].map(pattern => Number(pattern.exec(text ?? '')?.[1]))
    expect(after).toBeLessThan(before!)
    expect(risen).toBeGreaterThan(after!)
    expect(control).toBeLessThan(risen!)
    // The lab's own measurement is next to it.
    await page
      .getByText(new RegExp(`${risen}`))
      .first()
      .waitFor()
    await page.getByText(CREDIT).first().waitFor()
    await noneBroken('[aria-label="Patch gallery"]', 4)
    await screenshot('tour-4')
    await next()
    expect(await tour().textContent()).toMatch(
      /The coals in that corner turn [1-5] of 5 into volcano, any of the controls 0 of 5/,
    )
    await screenshot('tour-5')
    await tour().getByRole('button', { name: 'Close' }).click()
    await tour().waitFor({ state: 'detached' })
  }, 240_000)

  test('runs the experiment that the tour has filled in', async () => {
    const { page, screenshot } = window
    // Fewer trials than the form proposes: what is tested is that nothing has to be added to it.
    await page.getByLabel(/Sizes/).fill('45')
    await page.getByLabel(/Population/).selectOption({ label: 'Labelled and predicted as source class (article)' })
    await page
      .getByText(/photographs? .* labelled as the source|5 of them labelled/)
      .first()
      .waitFor({ timeout: 100_000 })
    await page.getByRole('button', { name: 'Start experiment' }).click()
    await expect
      .poll(() => inPage(page, async bridge => (await bridge.call('experiment.list', {}))[0]?.finished ?? null, null), {
        timeout: 180_000,
      })
      .not.toBeNull()
    await page
      .getByText(/Illustration: fewer than 20 photographs/)
      .first()
      .waitFor({ timeout: 100_000 })
    await screenshot('demo-experiment')
  }, 240_000)

  test('builds an atlas of another layer from the photographs that come with it', async () => {
    const { page, screenshot } = window
    await page.keyboard.press('Control+b')
    const dialog = page.getByRole('dialog', { name: 'Build an atlas' })
    await dialog.getByText('3 positions in each of 1,000 photographs').waitFor({ timeout: 100_000 })
    await screenshot('demo-build')
    await dialog.getByLabel('mixed5b').check()
    await dialog.getByLabel('mixed4c').uncheck()
    await dialog.getByRole('button', { name: 'Build' }).click()
    await expect
      .poll(
        () =>
          inPage(
            page,
            async bridge =>
              (await bridge.call('jobs.list', {})).find(({ kind }) => kind === 'atlas build')?.stage ?? '',
            null,
          ),
        { timeout: 100_000 },
      )
      .toMatch(/samples/)
    await screenshot('demo-building')
  }, 240_000)

  test('credits the authors on the page of photographs', async () => {
    const { page, screenshot } = window
    await page.keyboard.press('Control+8')
    await page.getByText(/Author and licence known: 1,000 under CC BY 2\.0/).waitFor({ timeout: 100_000 })
    await screenshot('demo-photographs')
  }, 240_000)

  test('does not open its tour a second time by itself, but when it is called', async () => {
    const { page } = window
    await page.reload()
    await atlasShown(page)
    expect(await tour().count()).toBe(0)
    await command(page, 'tour of the demo')
    await tour().waitFor({ timeout: 100_000 })
    // By keys alone: the heading has the focus, and Tab leads to the buttons.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('An atlas')
    await page.keyboard.press('Escape')
    await tour().waitFor({ state: 'detached' })
  }, 240_000)
})
