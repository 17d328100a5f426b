import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { start } from './electron.ts'
import { atlasShown, shownCells } from './steps.ts'

/** A project of 100,000 samples, as one has it after a night. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-size-'))
let file: string

beforeAll(async () => {
  file = await writeSyntheticProject(folder, { samples: 100_000, grids: [10, 20, 40, 80, 160], layers: 3 })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('100,000 samples: the first icons are there two seconds after the window', async () => {
  // The second start is measured: the first one of a machine compiles the programs themselves.
  for (const measured of [false, true]) {
    const window = await start({ realEngine: true, args: [file], profile: join(folder, 'profile') })
    const appeared = Date.now()
    await window.page.waitForResponse(response => response.url().startsWith('portolan://icons/') && response.ok())
    const seconds = (Date.now() - appeared) / 1000
    await atlasShown(window.page)
    expect(await shownCells(window.page).textContent()).toContain('100,000 of 100,000 samples')
    if (measured) {
      process.stdout.write(`100,000 samples: first icons ${seconds.toFixed(2)} s after the window\n`)
      await window.screenshot('100000-samples')
      expect(seconds).toBeLessThan(2)
    }
    await window.close()
  }
}, 120_000)
