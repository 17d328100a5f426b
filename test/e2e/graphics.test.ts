import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, openStand, type Stand } from '../../renderer/dev/measuring.ts'

/** What the window shows where its maps cannot be drawn, or are drawn without a graphics processor. */
const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: the window is opened in Chromium, which is not at ${CHROMIUM}\n`)

/** Loses the graphics context of the first canvas, waits for the message, and restores it. */
async function loseAndRestore(page: Page): Promise<void> {
  await page.evaluate(() => {
    const gl = document.querySelector('canvas')!.getContext('webgl2')!
    Object.assign(window, { lose: gl.getExtension('WEBGL_lose_context') })
    ;(window as never as { lose: WEBGL_lose_context }).lose.loseContext()
  })
  await page.getByText('The graphics context was lost').waitFor()
  await page.evaluate(() => (window as never as { lose: WEBGL_lose_context }).lose.restoreContext())
  await page.getByText('The graphics context was lost').waitFor({ state: 'detached' })
}

describe.skipIf(!there)('a window', { timeout: 60_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openStand()
  }, 60_000)
  afterAll(() => stand?.close())

  it('without WebGL shows an error in the pane, with the way out, and stays usable', async () => {
    const page = await stand.context.newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    await page.addInitScript(() => {
      const get = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...more: unknown[]) {
        return kind.startsWith('webgl') ? null : (get as (...given: unknown[]) => unknown).call(this, kind, ...more)
      } as typeof get
    })
    await page.goto(stand.address('window.html'))
    const alert = page.getByRole('alert')
    await alert.getByText('The map cannot be drawn').waitFor()
    expect(await alert.textContent()).toMatch(
      /WebGL 2, which is not available.*Update the graphics driver.*--use-angle=swiftshader/s,
    )
    await page.getByRole('button', { name: 'Models' }).click()
    await page.getByRole('heading', { name: 'Models' }).waitFor()
    expect(problems).toEqual([])
    await page.close()
  })

  it('that loses its graphics processor shows it until it is back, and names once what renders instead', async () => {
    const page = await stand.context.newPage()
    await page.goto(stand.address('window.html'))
    await page.getByText('cells shown').first().waitFor()
    // Chromium draws with SwiftShader here.
    expect(await page.getByText('software rendering').count()).toBe(1)
    await loseAndRestore(page)
    await page.close()
  })

  it('that loses its graphics processor twice while icons load draws the map and the minimap again', async () => {
    const page = await stand.context.newPage()
    await page.route('**/portolan/icons/**', async route => {
      await new Promise(resolve => setTimeout(resolve, 400))
      await route.continue()
    })
    await page.goto(stand.address('window.html'))
    await page.getByText('cells shown').first().waitFor()
    for (let time = 0; time < 2; time++) {
      await loseAndRestore(page)
    }
    const map = page.getByRole('application').first()
    /** Spread of the red channel around the middle of the map: of white or of one colour it is 0. */
    const spread = async (): Promise<number> => {
      const { channels } = await sharp(await map.screenshot()).stats()
      return channels[0]!.stdev
    }
    await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(40)
    await page.close()
  })
})
