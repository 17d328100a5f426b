import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, openStand, type Stand } from '../../renderer/dev/measuring.ts'

/** What the window shows where its maps cannot be drawn, or are drawn without a graphics processor. */
const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: the window is opened in Chromium, which is not at ${CHROMIUM}\n`)

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
    await page.evaluate(() => {
      const gl = document.querySelector('canvas')!.getContext('webgl2')!
      Object.assign(window, { lose: gl.getExtension('WEBGL_lose_context') })
      ;(window as never as { lose: WEBGL_lose_context }).lose.loseContext()
    })
    await page.getByText('The graphics context was lost').waitFor()
    await page.evaluate(() => (window as never as { lose: WEBGL_lose_context }).lose.restoreContext())
    await page.getByText('The graphics context was lost').waitFor({ state: 'detached' })
    await page.close()
  })
})
