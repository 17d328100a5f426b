import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { views } from '../../electron/contract/views.ts'
import { CHROMIUM, openStand, type Stand } from '../../renderer/dev/measuring.ts'
import { enact, SCENE_OF_VIEW, scenes } from '../../renderer/dev/scenes.ts'

/** Accessibility: axe on each view, and a tour without a pointer. */
const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: views are walked through in Chromium, which is not at ${CHROMIUM}\n`)

/** Machines that render in software react late, and correctly all the same. */
const until = <T>(what: () => Promise<T>) => expect.poll(what, { timeout: 20_000 })

describe.skipIf(!there)('accessibility of the window', { timeout: 180_000 }, () => {
  let stand: Stand
  beforeAll(async () => {
    stand = await openStand()
  })
  afterAll(() => stand?.close())

  const everyScene = (['dark', 'light'] as const).flatMap(theme => Object.keys(scenes).map(name => ({ theme, name })))
  it.each(everyScene)('axe finds nothing serious in the view $name, $theme', async ({ theme, name }) => {
    const page = await stand.context.newPage()
    await page.addInitScript(
      chosen => localStorage.setItem('portolan.settings', JSON.stringify({ theme: chosen })),
      theme,
    )
    await enact(page, stand.address, name)
    expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe(theme)
    const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
    const serious = violations
      .filter(v => v.impact === 'serious' || v.impact === 'critical')
      .map(v => `${v.id}: ${v.nodes.map(n => `${n.target.join(' ')} (${n.any[0]?.message ?? ''})`).join('; ')}`)
    expect(serious).toEqual([])
    expect(passes.length).toBeGreaterThan(5)
    if (theme === 'dark') expect(await cutTexts(page)).toEqual([])
    // Settings are those of the profile, which all pages share.
    await page.evaluate(() => localStorage.removeItem('portolan.settings'))
    await page.close()
  })

  it.each(views)('a scene opens the view $title', async ({ id, title }) => {
    const page = await stand.context.newPage()
    await enact(page, stand.address, SCENE_OF_VIEW[id])
    const tab = page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: title, exact: true })
    expect(await tab.getAttribute('aria-current')).toBe('page')
    await page.close()
  })

  it('a tour without a pointer: every view, a class, a cell, its neighbours, a note, a bookmark, and back', async () => {
    const page = await stand.context.newPage()
    const keys = async (...pressed: readonly string[]): Promise<void> => {
      for (const key of pressed) await page.keyboard.press(key)
    }
    await page.goto(stand.address('window.html'))
    const map = page.getByRole('application')
    await map.waitFor()
    await page.getByText('cells shown').waitFor()

    // Tab reaches the map, and shows where it is on the way.
    for (let k = 0; k < 60 && !(await map.evaluate(e => e === document.activeElement)); k++) {
      await keys('Tab')
      expect(await focusShows(page)).toBe(true)
    }
    expect(await map.evaluate(e => e === document.activeElement)).toBe(true)

    await keys('+', '+', 'Enter')
    const heading = page.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { level: 2 })
    await until(() => heading.textContent()).toMatch(/row \d+, column \d+/)
    const first = await heading.textContent()
    await keys('Alt+ArrowRight')
    await until(() => heading.textContent()).not.toBe(first)
    await keys('Alt+Shift+ArrowRight')
    await until(() => page.getByText('2 cells selected').count()).toBe(1)
    await keys('Control+z', 'Control+z')
    await until(() => heading.textContent()).toBe(first)

    await keys('Control+f')
    await page.keyboard.type('fireboat')
    await keys('Enter')
    await until(() => page.getByRole('region', { name: 'Photographs of fireboat' }).count()).toBe(1)

    await keys('Control+k')
    await page.keyboard.type('add a note')
    await keys('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.type('Looks like a hull.')
    await keys('Tab', 'Tab', 'Enter')
    await until(() => page.getByRole('dialog').count()).toBe(0)
    await until(() => page.getByText('Looks like a hull.').count()).toBe(1)

    await keys('Control+d')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.type('Hulls')
    await keys('Enter')
    await until(() => page.getByRole('dialog').count()).toBe(0)
    await keys('Control+t')
    await until(() => map.count()).toBe(2)
    await keys('Control+k')
    await page.keyboard.type('hulls')
    await keys('Enter')
    await until(() => map.count()).toBe(1)

    for (const [key, name] of [
      ['4', 'Image'],
      ['6', 'Jobs'],
      ['7', 'Models'],
      ['8', 'Photographs'],
      ['1', 'Atlas'],
    ] as const) {
      await keys(`Control+${key}`)
      const tab = page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name, exact: true })
      await until(() => tab.getAttribute('aria-current')).toBe('page')
    }
    await keys('F1')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await keys('Escape')
    await until(() => page.getByRole('dialog').count()).toBe(0)
    await page.close()
  })

  it.each([
    ['one', /^mixed4c of GoogLeNet/],
    ['class', /^class atlas of fireboat: mixed4c of GoogLeNet/],
    ['compare', /^comparison of snorkel and scuba diver: mixed4c of GoogLeNet/],
  ])('Ctrl E offers a figure of the view %s, with its caption', async (name, caption) => {
    const page = await stand.context.newPage()
    await enact(page, stand.address, name)
    await page.keyboard.press('Control+e')
    const dialog = page.getByRole('dialog', { name: 'Export the view' })
    await until(() => dialog.getByText(caption).count()).toBe(1)
    expect(await dialog.getByRole('button', { name: 'Save' }).isEnabled()).toBe(true)
    await page.close()
  })

  it('moves the cells of a layer from where their samples lay in another of the same layouts, or not at all', async () => {
    const page = await stand.context.newPage()
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      await page.emulateMedia({ reducedMotion })
      await page.goto(stand.address('window.html'))
      await page.getByText('cells shown').waitFor()
      const tab = (layer: string) => page.getByRole('tab', { name: layer })
      /** Whether labels, which belong to cells at rest, were gone in some frame after a switch. */
      const moves = async (to: string): Promise<boolean> => {
        const seen = page.evaluate(async () => {
          let hidden = false
          for (const end = performance.now() + 8000; performance.now() < end && !hidden; ) {
            await new Promise(requestAnimationFrame)
            hidden = document.querySelector<HTMLElement>('[data-labels]')!.hidden === true
          }
          return hidden
        })
        await tab(to).click()
        return seen
      }
      // mixed4c was laid out alone; the others together.
      expect(await moves('mixed3b')).toBe(false)
      expect(await moves('mixed5b')).toBe(reducedMotion === 'no-preference')
      expect(await tab('mixed5b').getAttribute('aria-selected')).toBe('true')
    }
    await page.close()
  })

  it('puts the cursor in the search of classes within the key that opens it: what is typed at once arrives', async () => {
    const page = await stand.context.newPage()
    await page.goto(stand.address('window.html'))
    await page.getByText('cells shown').waitFor()
    const pressed = (): Promise<string | null | undefined> =>
      page.evaluate(() => {
        dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true, cancelable: true }))
        return document.activeElement?.getAttribute('aria-label')
      })
    expect(await pressed()).toBe('Search classes')
    // With the list open already, and from another view.
    await page.getByRole('application').focus()
    expect(await pressed()).toBe('Search classes')
    await page.keyboard.press('Control+7')
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    expect(await pressed()).toBe('Search classes')
    await page.close()
  })

  it('moves at once where motion is to be reduced', async () => {
    const page = await stand.context.newPage()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(stand.address('window.html'))
    await page.getByText('cells shown').waitFor()
    await page.getByRole('application').focus()
    const reticle = page.locator('[data-reticle]')
    const before = await reticle.evaluate(e => e.getAttribute('style'))
    await page.keyboard.press('+')
    // The next frame and no other: a movement would take a dozen.
    const places = await page.evaluate(async () => {
      const element = document.querySelector('[data-reticle]')!
      const seen: (string | null)[] = []
      for (let k = 0; k < 12; k++) {
        await new Promise(requestAnimationFrame)
        seen.push(element.getAttribute('style'))
      }
      return seen
    })
    const changed = places.filter((place, k) => place !== (k === 0 ? before : places[k - 1]))
    expect(changed.length).toBeLessThanOrEqual(1)
    expect(places.at(-1)).not.toBe(before)
    await page.close()
  })
})

/** Whether what has the focus shows it: by an outline, a border or a background of its own. */
const focusShows = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return true
    const { outlineStyle, outlineWidth, backgroundImage } = getComputedStyle(element)
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || backgroundImage !== 'none'
  })

/** Texts that are cut and of which no tooltip has the whole, and fields that are too narrow for their value. */
const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isCut = (element: Element): boolean => element.scrollWidth > element.clientWidth + 1
    const elements = [...document.querySelectorAll<HTMLElement>('main *, header *, dialog *')].filter(
      element => element.clientWidth > 0 && element.closest('[aria-hidden=true]') === null,
    )
    const texts = elements.filter(
      element =>
        getComputedStyle(element).textOverflow === 'ellipsis' && isCut(element) && element.closest('[title]') === null,
    )
    const fields = elements.filter(element => element.matches('input[type=number]') && isCut(element))
    return [...texts, ...fields].map(element => element.textContent || (element as HTMLInputElement).value)
  })
