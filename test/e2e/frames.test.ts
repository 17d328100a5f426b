import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM, fly, openScenes, openStand, pan, type Stand, sentence } from '../../renderer/dev/measuring.ts'
import { slowness } from './steps.ts'

/**
 * What a frame of the atlas pane costs, measured in the page: software rendering in a Chromium of the system, because
 * the stand-in runtime of Electron is too old to be representative of today's.
 */
const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: frames are measured in Chromium, which is not at ${CHROMIUM}\n`)

describe.skipIf(!there)('frames of the atlas pane', { timeout: 150_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openStand()
  })
  afterAll(() => stand?.close())

  it.each([
    ['25,600 icons on one pane', 1, 160],
    ['3 × 6,400 icons on three panes', 3, 80],
  ])(
    '%s: at most 20 draw calls and 6 ms of JavaScript while panning, textures within their budget',
    async (name, panes, grid) => {
      const page = await openScenes(stand, panes, grid, true)
      for (const zoom of [1, 6]) {
        const panned = await pan(page, panes, grid, zoom)
        process.stdout.write(`${sentence(`${name}, zoom ${zoom}`, panned)}\n`)
        expect(panned.frames).toBeGreaterThanOrEqual(60 * panes)
        expect(panned.mostDrawCalls).toBeLessThanOrEqual(20)
        expect(panned.mostDrawCalls).toBeGreaterThan(0)
        expect(panned.medianTime).toBeLessThanOrEqual(6 * (await slowness(page)))
        expect(panned.textureBytes).toBeGreaterThan(0)
        expect(panned.textureBytes).toBeLessThanOrEqual(panned.textureBudget)
        expect(panned.textureBudget).toBeLessThanOrEqual((256 << 20) / panes)
      }
      await page.close()
    },
  )

  it('no frame is without content while tiles are paged in late', async () => {
    const page = await openScenes(stand, 1, 160, false, 150)
    const empty = await fly(page, 60, 20)
    process.stdout.write(`flight of ${empty.length} frames, at most ${(100 * Math.max(...empty)).toFixed(2)} % empty\n`)
    expect(empty.length).toBe(61)
    expect(Math.max(...empty)).toBeLessThan(0.005)
    // Proof that the measurement can fail: an emptied pane counts as empty.
    expect(await page.evaluate('measured.emptied()')).toBe(1)
    await page.close()
  })
})
