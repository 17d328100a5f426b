import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, command, onePane, pointIn, slowness } from './steps.ts'

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

/**
 * Time from the last event of a kind that reaches the page while `act` runs to the first frame in which `effect` holds, ms.
 * @param event  what the user does: `pointermove`, `keydown`, `click`
 * @param effect an expression in the page
 */
async function latency(page: Page, event: string, effect: string, act: () => Promise<void>): Promise<number> {
  // As text: the page's policy forbids to make functions of strings within it.
  const measured = page.evaluate<number>(`new Promise((resolve, reject) => {
    let at
    addEventListener('${event}', given => { at = given.timeStamp }, { capture: true })
    const end = performance.now() + 30_000
    const look = () => {
      const now = performance.now()
      if (at !== undefined && (${effect})) resolve(now - at)
      else if (now > end) reject(new Error('nothing followed ${event}'))
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })`)
  await act()
  return measured
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

/** Prints and checks a budget. @param limit ms */
async function within(limit: number, what: string, times: readonly number[]): Promise<void> {
  const pace = await slowness(window.page)
  process.stdout.write(
    `${what}: median ${median(times).toFixed(0)} ms of ${times.map(time => time.toFixed(0)).join(', ')}; limit ${limit} ms × ${pace.toFixed(2)}\n`,
  )
  expect(times.every(time => time >= 0)).toBe(true)
  expect(median(times)).toBeLessThanOrEqual(limit * pace)
}

test('a cell under the pointer is framed and described within 50 ms', async () => {
  const { page } = window
  const times: number[] = []
  for (const [k, share] of [0.4, 0.45, 0.5, 0.55, 0.6, 0.42, 0.58].entries()) {
    // Outside of the map first: what is measured is the card appearing.
    const away = await pointIn(page, 0, 0.02, 0.5)
    await page.mouse.move(away.x, away.y)
    await page.locator('[data-card]').waitFor({ state: 'detached' })
    const to = await pointIn(page, 0, share, 0.45 + 0.02 * k)
    times.push(
      await latency(page, 'pointermove', `document.querySelector('[data-card]') !== null`, () =>
        page.mouse.move(to.x, to.y),
      ),
    )
  }
  await within(50, 'hover', times)
})

test('a class colours the map within 300 ms', async () => {
  const { page } = window
  await page.keyboard.press('Control+f')
  const times: number[] = []
  for (const index of [3, 4, 5, 6, 7]) {
    await page.getByRole('combobox', { name: 'Search classes' }).fill(`thing ${index}`)
    await page.getByRole('option', { name: `thing ${index}` }).waitFor()
    times.push(
      // The largest attribution is written once the attributions that colour the map are there.
      await latency(
        page,
        'keydown',
        `[...document.querySelectorAll('[data-overlay] li')].some(row => row.textContent.includes('thing ${index}') && /max/.test(row.textContent))`,
        () => page.keyboard.press('Enter'),
      ),
    )
    await command(page, 'undo')
    await page.getByRole('button', { name: `Remove thing ${index}` }).waitFor({ state: 'detached' })
  }
  await within(300, 'filter', times)
})

test('a further pane shows its cells within a second', async () => {
  const { page } = window
  const times: number[] = []
  for (let k = 0; k < 3; k++) {
    times.push(
      await latency(
        page,
        'click',
        `(document.body.textContent.match(/of [0-9,]+ cells shown/g) ?? []).length === 2`,
        () => page.getByRole('button', { name: 'Add a pane' }).first().click(),
      ),
    )
    await onePane(page)
  }
  await within(1000, 'a pane', times)
})
