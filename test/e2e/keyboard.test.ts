import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { views } from '../../electron/contract/views.ts'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { type Started, start } from './electron.ts'
import { atlasShown, map, onePane } from './steps.ts'

/** The whole window without a mouse. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-keys-'))
let window: Started

beforeAll(async () => {
  const file = await writeSyntheticProject(folder, { samples: 1_600, grids: [10, 20, 40], layers: 2 })
  window = await start({ realEngine: true, args: [file] })
  await atlasShown(window.page)
  await onePane(window.page)
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Every element of the page that reacts to a click, by its accessible name. */
const controls = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const name = (element: Element): string =>
      `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.getAttribute('title') ?? element.textContent ?? ''}`.trim()
    const found = [...document.querySelectorAll('button, input, select, textarea, a[href], [role=application]')]
    return (
      found
        .filter(
          element => element instanceof HTMLElement && element.checkVisibility({ checkVisibilityCSS: true } as never),
        )
        .filter(element => !(element as HTMLButtonElement).disabled)
        // A member of a composite (a list, a group of choices, a grid) is reached with the arrows.
        .filter(
          element =>
            element.closest('[role=listbox], [role=radiogroup], [role=tablist], [role=grid], [role=group]') === null,
        )
        .map(name)
    )
  })

/** The elements that Tab reaches, until it returns to the first. */
const tabbed = async (page: Page): Promise<{ names: Set<string>; unseen: string[] }> => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  const names = new Set<string>()
  const unseen: string[] = []
  // Tab starts from the last focus, which may be in the middle: after the last element comes none, then the first.
  let ends = 0
  for (let step = 0; step < 400; step++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return null
      const style = getComputedStyle(element)
      const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.matches(':focus-visible')
      const first = element.getAttribute('data-tabbed') !== null
      element.setAttribute('data-tabbed', '')
      return {
        name: `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.getAttribute('title') ?? element.textContent ?? ''}`.trim(),
        seen,
        first,
      }
    })
    if (at?.first || (at === null && ends++ > 0)) break
    if (at === null) continue
    names.add(at.name)
    if (!at.seen) unseen.push(at.name)
  }
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('[data-tabbed]')) element.removeAttribute('data-tabbed')
  })
  return { names, unseen }
}

/** The tab of the jobs also has the progress of a running one in its title. */
const withoutProgress = (name: string): string => name.replace(/^button .*\((.*\d)\)$/, 'button $1')

describe.each(views)('the view $title', ({ key }) => {
  test('has nothing that Tab does not reach, and shows where it is', async () => {
    const { page } = window
    await page.keyboard.press(`Control+${key}`)
    await page.waitForTimeout(1500)
    // A job in the bar, such as the grid of a photograph, has buttons that disappear when it ends.
    const cancel = page.getByRole('button', { name: 'Cancel', exact: true })
    await cancel.first().waitFor({ state: 'detached', timeout: 90_000 })
    const all = (await controls(page)).map(withoutProgress)
    // The bar with its views alone has more.
    expect(all.length).toBeGreaterThan(6)
    const { names, unseen } = await tabbed(page)
    const reached = new Set([...names].map(withoutProgress))
    expect(all.filter(name => !reached.has(name))).toEqual([])
    expect(unseen).toEqual([])
  })
})

test('a tour: move over the map, choose a cell, walk to its neighbour, filter a class, undo, find a command', async () => {
  const { page, screenshot } = window
  await page.keyboard.press('Control+1')
  await map(page).focus()
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  const place = page.getByText(/row \d+, column \d+/).first()
  await place.waitFor()
  const before = await place.textContent()
  await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(() => place.textContent()).not.toBe(before)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('thing 4')
  await page.keyboard.press('Enter')
  const filter = page.getByRole('button', { name: 'Remove thing 4' })
  await filter.waitFor()
  await screenshot('keyboard-tour')
  await page.keyboard.press('Control+z')
  await filter.waitFor({ state: 'detached' })
  await page.keyboard.press('Control+k')
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: 'Command, atlas, bookmark, class or link' }).waitFor({ state: 'detached' })
})
