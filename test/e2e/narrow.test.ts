import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, openStand, type Stand } from '../../renderer/dev/measuring.ts'
import { enact } from '../../renderer/dev/scenes.ts'

/** The window on a small screen: nothing is cut off, and linked maps stay aligned. */
const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: views are measured in Chromium, which is not at ${CHROMIUM}\n`)

describe.skipIf(!there)('a window of 1024 × 768', { timeout: 120_000 }, () => {
  let stand: Stand
  let page: Page
  beforeAll(async () => {
    stand = await openStand()
    page = await stand.context.newPage()
    await page.setViewportSize({ width: 1024, height: 768 })
    await enact(page, stand.address, 'three')
  }, 120_000)
  afterAll(() => stand?.close())

  it('shows all tabs on one line and every button of the bar', async () => {
    for (const button of await page.getByRole('banner').first().getByRole('button').all()) {
      const box = (await button.boundingBox())!
      expect(box.x + box.width).toBeLessThanOrEqual(1024)
    }
    const tabs = await page.getByRole('navigation', { name: 'Views' }).getByRole('button').all()
    for (const tab of tabs) expect(await tab.evaluate(e => e.getClientRects().length)).toBe(1)
    expect(new Set(await Promise.all(tabs.map(tab => tab.evaluate(e => e.scrollHeight)))).size).toBe(1)
  })

  it('gives linked maps of three panes the same top and height, and names their grids in full', async () => {
    const maps = await Promise.all((await page.getByRole('application').all()).map(map => map.boundingBox()))
    expect(maps).toHaveLength(3)
    expect(new Set(maps.map(box => `${box!.y} ${box!.height}`)).size).toBe(1)
    for (const select of await page.getByRole('combobox', { name: 'Grid' }).all()) {
      const text = await select.evaluate(e => (e as HTMLSelectElement).selectedOptions[0]!.text)
      const needed = await select.evaluate((e, shown) => {
        const context = document.createElement('canvas').getContext('2d')!
        context.font = getComputedStyle(e).font
        return context.measureText(shown).width + 30
      }, text)
      expect((await select.boundingBox())!.width).toBeGreaterThanOrEqual(needed)
    }
  })

  it('lists below a map what its line has no room for', async () => {
    await page.getByRole('button', { name: 'About this map' }).first().click()
    const facts = page.getByRole('contentinfo').or(page.locator('footer')).first().locator('dl')
    expect(await facts.textContent()).toMatch(/cells shown.*Fidelity 0\.62, chance 0\.31.*Trustworthiness/s)
    await page.keyboard.press('Escape')
    expect(await facts.count()).toBe(0)
  })
})
