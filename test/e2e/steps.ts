import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'

/** Actions of a user in the window, by the labels that it shows. */
export const shownCells = (page: Page, pane = 0): Locator => page.getByText(/of [\d,]+ cells shown/).nth(pane)

export const map = (page: Page, pane = 0): Locator => page.getByRole('application').nth(pane)

/** Waits until a pane of the atlas view shows cells, whose icons have been fetched. */
export const atlasShown = async (page: Page, panes = 1): Promise<void> => {
  for (let pane = 0; pane < panes; pane++) await shownCells(page, pane).waitFor({ timeout: 60_000 })
  await page.waitForLoadState('networkidle')
  // Icons fade in.
  await page.waitForTimeout(1500)
}

/** A point of a pane, as shares of its width and height. */
export const pointIn = async (page: Page, pane: number, x = 0.5, y = 0.5): Promise<{ x: number; y: number }> => {
  const box = await map(page, pane).boundingBox()
  if (box === null) throw new Error(`pane ${pane} is not shown`)
  return { x: box.x + x * box.width, y: box.y + y * box.height }
}

export const click = async (page: Page, pane = 0, x = 0.5, y = 0.5): Promise<void> => {
  const at = await pointIn(page, pane, x, y)
  await page.mouse.click(at.x, at.y)
}

/** Runs the first match for some words in the command palette. */
export const command = async (page: Page, words: string): Promise<void> => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(words)
  await page.keyboard.press('Enter')
}

/** Closes all panes but the first: a new project of several layers opens with several. */
export const onePane = async (page: Page): Promise<void> => {
  const close = page.getByRole('button', { name: 'Close pane' })
  while ((await close.count()) > 0) await close.last().click()
  await page.getByRole('button', { name: 'Add a pane' }).waitFor()
}

/** A further pane with another layer. */
export const addPane = async (page: Page, layer: string): Promise<void> => {
  await page.getByRole('button', { name: 'Add a pane' }).last().click()
  await page.getByRole('tablist', { name: 'Layer' }).last().getByRole('tab', { name: layer }).click()
}

/** Barriers that axe calls serious or critical, as `rule: element`. */
export const barriers = async (page: Page): Promise<string[]> => {
  // Electron has no second page, which axe's newer way of running needs.
  const { violations } = await new AxeBuilder({ page: page as never }).setLegacyMode(true).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

/** When the window paints first on two quiet cores with software rendering, ms after its page began. */
const QUIET_PAINT = 650

/**
 * How many times slower than that this machine is at the moment, at least 1: limits of time are for quiet machines, and
 * others do everything later, the first paint included.
 */
export const slowness = async (page: Page): Promise<number> => Math.max(1, (await firstPaint(page)).after / QUIET_PAINT)

/** The first paint, when a window is shown: ms after its page began, and of the clock. */
export const firstPaint = (page: Page): Promise<{ readonly after: number; readonly at: number }> =>
  page.evaluate(() => {
    const after = performance.getEntriesByName('first-paint')[0]!.startTime
    return { after, at: performance.timeOrigin + after }
  })
