import type { Page } from 'playwright-core'
import { pointIn, shownCells } from './steps.ts'

/** The article's tasks, with the fewest actions that the window needs for them. */

/** One class on all layers that are shown: where it is seen, layer by layer. */
export async function classOnLayers(page: Page, name: string, panes: number): Promise<void> {
  await page.keyboard.press('Control+f')
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  const legends = page.getByRole('button', { name: `Remove ${name}` })
  await legends.nth(panes - 1).waitFor()
  for (let pane = 0; pane < panes; pane++) await shownCells(page, pane).waitFor()
}

/** Two classes against each other in the layer of a pane. */
export async function compareIn(page: Page, pane: number, left: string, right: string, timeout: number): Promise<void> {
  const at = await pointIn(page, pane, 0.03, 0.06)
  await page.mouse.click(at.x, at.y)
  await page.keyboard.press('Control+k')
  await page.keyboard.type(`${left} | ${right}`)
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Separating cells' }).getByRole('listitem').first().waitFor({ timeout })
}

/** The view as a figure for a paper. The place of the file is chosen by the caller's stand-in for the system's dialog. */
export async function exportFigure(page: Page): Promise<void> {
  await page.keyboard.press('Control+e')
  await page.getByRole('dialog', { name: 'Export the view' }).getByRole('button', { name: 'Save' }).click()
  await page.getByText(/Exported the view to/).waitFor({ timeout: 60_000 })
}
