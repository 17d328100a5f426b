import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, firstPaint, shownCells, slowness } from './steps.ts'

/** A project of 100,000 samples, as one has it after a night. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-size-'))
let file: string

beforeAll(async () => {
  file = await writeSyntheticProject(folder, { samples: 100_000, grids: [10, 20, 40, 80, 160], layers: 3 })
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Measured {
  /** From the first paint of the window, which is when it is shown, to the first sheet of icons. */
  readonly seconds: number
  readonly slowness: number
}

async function measured({ page }: Started): Promise<Measured> {
  await page.waitForResponse(response => response.url().startsWith('portolan://icons/') && response.ok())
  const arrived = Date.now()
  const { at } = await firstPaint(page)
  return { seconds: Math.max(0, arrived - at) / 1000, slowness: await slowness(page) }
}

const quick = ({ seconds, slowness }: Measured): boolean => seconds < 2 * slowness

test('100,000 samples: the first icons are there two seconds after the window', async () => {
  const starts: Measured[] = []
  // The first start of a machine compiles the programs themselves. Of the others the fastest counts: whatever else the
  // machine does only ever adds.
  for (let round = 0; round < 5 && !starts.some(quick); round++) {
    const window = await start({ realEngine: true, args: [file], profile: join(folder, 'profile') })
    const timed = await measured(window)
    if (round > 0) starts.push(timed)
    await atlasShown(window.page)
    expect(await shownCells(window.page).textContent()).toContain('100,000 of 100,000 samples')
    await window.screenshot('100000-samples')
    await window.close()
  }
  const times = starts.map(({ seconds, slowness }) => `${seconds.toFixed(2)} s (slowness ${slowness.toFixed(1)})`)
  process.stdout.write(`100,000 samples: first icons ${times.join(', ')} after the window\n`)
  expect(starts.some(quick)).toBe(true)
}, 240_000)
