import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Started, start } from './electron.ts'

/** What a newcomer sees: the window opens on the demo, which begins to appear and refines while it is explored. */
let window: Started

beforeAll(async () => {
  window = await start({ realEngine: true })
})
afterAll(() => window.close())

test('the demo begins to appear within 15 seconds and is whole in minutes', async () => {
  const { page, screenshot } = window
  const began = Date.now()
  await page
    .getByText(/of [\d,]+ cells shown/)
    .first()
    .waitFor({ timeout: 60_000 })
  await page.waitForFunction(
    () => document.querySelector('[data-icons]')?.getAttribute('data-icons') !== '0',
    undefined,
    {
      timeout: 60_000,
    },
  )
  const seconds = (Date.now() - began) / 1000
  process.stdout.write(`the first icons of the demo: ${seconds.toFixed(1)} s\n`)
  await screenshot('first-run-begins')
  await page.waitForTimeout(45_000)
  await screenshot('first-run')
  expect(seconds).toBeLessThan(30)
}, 240_000)
