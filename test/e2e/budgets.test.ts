import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { colouredBy, latency } from './latency.ts'
import { atlasShown, onePane, pointIn, slowness } from './steps.ts'

/**
 * How soon the window answers on a project of 20,000 samples in software rendering: from an event of the pointer or the
 * keyboard in the page to the frame with its effect. Limits are for two quiet cores, and grow with the pace of the machine.
 */
const folder = mkdtempSync(join(tmpdir(), 'portolan-budgets-'))
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(folder, { samples: 20_000, grids: [10, 20, 40], layers: 3 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page)
  await onePane(window.page)
}, 180_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

/** From an event to the next frame on two quiet cores with software rendering, ms: one frame. */
const QUIET_FRAME = 17

/** Times of an action, and of an event between them that changes nothing: the pace of the machine meanwhile. */
async function measured(count: number, act: (k: number) => Promise<number>) {
  const times: number[] = []
  const frames: number[] = []
  for (let k = 0; k < count; k++) {
    const { page } = window
    frames.push(await latency(page, 'pointermove', 'true', () => page.mouse.move(3 + k, 3)))
    times.push(await act(k))
  }
  return { times, frames }
}

/** Prints and checks a budget. @param limit ms */
async function within(limit: number, what: string, { times, frames }: Awaited<ReturnType<typeof measured>>) {
  const pace = Math.max(await slowness(window.page), median(frames) / QUIET_FRAME)
  process.stdout.write(
    `${what}: median ${median(times).toFixed(0)} ms of ${times.map(time => time.toFixed(0)).join(', ')}; limit ${limit} ms × ${pace.toFixed(2)}\n`,
  )
  expect(times.every(time => time >= 0)).toBe(true)
  expect(median(times)).toBeLessThanOrEqual(limit * pace)
}

test('a cell under the pointer is framed and described within 50 ms', async () => {
  const { page } = window
  const found = await measured(7, async k => {
    // What is measured is the card appearing: the pointer comes from outside of the map.
    await page.locator('[data-card]').waitFor({ state: 'detached' })
    const to = await pointIn(page, 0, 0.4 + 0.03 * k, 0.45 + 0.02 * k)
    return latency(page, 'pointermove', `document.querySelector('[data-card]') !== null`, () =>
      page.mouse.move(to.x, to.y),
    )
  })
  await within(50, 'hover', found)
}, 240_000)

test('a class colours the map within 300 ms', async () => {
  const { page } = window
  await page.keyboard.press('Control+f')
  const found = await measured(5, async k => {
    const name = `thing ${3 + k}`
    await page.getByRole('combobox', { name: 'Search classes' }).fill(name)
    await page.getByRole('option', { name }).waitFor()
    const time = await latency(page, 'keydown', colouredBy(name), () =>
      page.getByRole('combobox', { name: 'Search classes' }).press('Enter'),
    )
    await page.getByRole('button', { name: `Remove ${name}` }).click()
    return time
  })
  await within(300, 'filter', found)
  // Beside it a map has no room for all of its buttons.
  await page.getByRole('button', { name: 'Close classes' }).click()
}, 240_000)

test('a further pane shows its cells within a second', async () => {
  const { page } = window
  const found = await measured(3, async () => {
    const time = await latency(
      page,
      'click',
      '(document.body.textContent.match(/of [0-9,]+ cells shown/g) ?? []).length === 2',
      () => page.getByRole('button', { name: 'Add a pane' }).first().click(),
    )
    await onePane(page)
    return time
  })
  await within(1000, 'a pane', found)
}, 240_000)
