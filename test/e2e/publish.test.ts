import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM } from '../../renderer/dev/measuring.ts'
import { portolan } from '../fixtures/command-line.ts'
import { writeSyntheticProject } from '../fixtures/synthetic-project.ts'
import { Firefox } from './firefox.ts'
import { barriers, map, pointIn, shownCells } from './steps.ts'

/** A published page in Chromium and Firefox, opened as a file and from a server. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-published-'))
const site = join(folder, 'page')
const FILE = pathToFileURL(join(site, 'index.html')).href
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const FLAGS = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
let server: Server
let served: string
/** How a page is opened. */
const WAYS = [
  ['as a file', () => FILE],
  ['from a server', () => served],
] as const
/** Requests to other hosts than that of the page. */
const foreign = (requests: readonly string[], address: string): readonly string[] =>
  requests.filter(url => !/^(data|blob):/.test(url) && new URL(url).host !== new URL(address).host)

beforeAll(async () => {
  const project = await writeSyntheticProject(join(folder, 'project'), { samples: 3_000, grids: [10, 20], layers: 3 })
  const { status, err } = await portolan(
    'publish',
    project,
    '--out',
    site,
    '--title',
    'A page',
    '--authors',
    'An author',
  )
  expect(status, err).toBe(0)
  server = createServer(async ({ url }, response) => {
    const path = new URL(url!, 'http://localhost').pathname.replace(/\/$/, '/index.html')
    const content = await readFile(join(site, path)).catch(() => null)
    response.writeHead(content === null ? 404 : 200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' })
    response.end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  served = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}, 900_000)
afterAll(() => {
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const there = existsSync(CHROMIUM)
if (!there) process.stdout.write(`skipped: published pages are opened in Chromium, which is not at ${CHROMIUM}\n`)

describe.skipIf(!there)('in Chromium', { timeout: 120_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  })
  afterAll(() => browser?.close())

  /** A page that is opened, and the addresses and errors of it. */
  async function opened(
    address: string,
    { width, height }: { readonly width: number; readonly height: number },
  ): Promise<{ page: Page; requests: string[]; errors: string[]; close: () => Promise<void> }> {
    const phone = width < 700
    const context = await browser.newContext({ viewport: { width, height }, hasTouch: phone, isMobile: phone })
    const page = await context.newPage()
    const requests: string[] = []
    const errors: string[] = []
    page.on('request', request => requests.push(request.url()))
    page.on('pageerror', error => errors.push(error.message))
    page.on('console', message => message.type() === 'error' && errors.push(message.text()))
    await page.goto(address)
    await shownCells(page).waitFor({ timeout: 60_000 })
    await page.waitForTimeout(2000)
    return { page, requests, errors, close: () => context.close() }
  }
  const WIDE = { width: 1440, height: 900 }
  const PHONE = { width: 390, height: 844 }

  for (const [how, address] of WAYS)
    test(`opened ${how}, shows linked layers, cells and a class filter, without another host`, async () => {
      const { page, requests, errors, close } = await opened(address(), WIDE)
      expect(await page.getByRole('application').count()).toBe(3)
      const at = await pointIn(page, 0)
      await page.mouse.move(at.x, at.y)
      await page
        .getByText(/of these samples here/)
        .first()
        .waitFor()
      await page.mouse.click(at.x, at.y)
      await page
        .getByRole('complementary', { name: 'Inspector' })
        .getByText(/row \d+, column \d+/)
        .waitFor()
      const icon = page.getByAltText(/^Icon of the cell/)
      const width = (): Promise<number> => icon.evaluate(e => (e as HTMLImageElement).naturalWidth)
      await expect.poll(width, { timeout: 30_000 }).toBe(80)
      await page.getByRole('button', { name: 'Class filter' }).click()
      await page.getByRole('option').first().click()
      await page
        .getByText(/logits/)
        .first()
        .waitFor()
      // Before axe, which reads style sheets in a way that the policy of the page forbids.
      expect(errors).toEqual([])
      expect(await barriers(page)).toEqual([])
      await page.getByRole('button', { name: 'About' }).first().click()
      await page.getByRole('heading', { name: 'A page', level: 2 }).waitFor()
      expect(await barriers(page)).toEqual([])
      expect(foreign(requests, address())).toEqual([])
      await close()
    })

  test('is moved by keys, and its address leads to the same place', async () => {
    const { page, close } = await opened(FILE, WIDE)
    await map(page).focus()
    for (const key of ['+', '+', 'ArrowRight', 'Enter']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(400)
    }
    const heading = (of: Page) => of.getByRole('heading', { name: /row \d+, column \d+/ }).first()
    const name = await heading(page).textContent()
    // The address follows what is shown after a rest.
    const view = (): string => Buffer.from(page.url().split('#view=')[1] ?? '', 'base64url').toString()
    await expect.poll(view, { timeout: 30_000 }).toContain('"cells":[{')
    const address = page.url()
    await close()
    const again = await opened(address, WIDE)
    expect(await heading(again.page).textContent()).toBe(name)
    await again.close()
    const cell = await opened(`${FILE}#cell=2/20/10,10`, WIDE)
    await cell.page.getByRole('heading', { name: /row 10, column 10/ }).waitFor()
    // A link that is copied at once leads to what is shown, not to what the address was before.
    await cell.page.evaluate(() => {
      navigator.clipboard.writeText = async text => void Object.assign(window, { copied: text })
    })
    await map(cell.page).press('Enter')
    await cell.page.getByRole('button', { name: 'Copy link to this position' }).click()
    await cell.page.getByText('Link copied').waitFor()
    const link = await cell.page.evaluate(() => (window as unknown as { copied: string }).copied)
    const linked = JSON.parse(Buffer.from(link.split('#view=')[1]!, 'base64url').toString())
    const [next] = linked.selection.cells
    await cell.page.getByRole('heading', { name: `row ${next.i}, column ${next.j}` }).waitFor()
    expect(next.atlas).not.toBe(2)
    await cell.close()
  })

  test('works on a phone: one map, by touch, with panels from below', async () => {
    const { page, errors, close } = await opened(FILE, PHONE)
    expect(await page.getByRole('application').count()).toBe(1)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    for (const button of await page.getByRole('banner').first().getByRole('button').all()) {
      const box = (await button.boundingBox())!
      expect(box.x + box.width).toBeLessThanOrEqual(390)
      expect(box.height).toBeGreaterThanOrEqual(40)
    }
    const at = await pointIn(page, 0)
    await page.touchscreen.tap(at.x, at.y)
    await page
      .getByRole('complementary', { name: 'Inspector' })
      .getByText(/row \d+, column \d+/)
      .waitFor()
    await page.getByRole('button', { name: 'Close inspector' }).click()
    await page.getByRole('tab').first().click()
    await shownCells(page).waitFor()
    expect(errors).toEqual([])
    expect(await barriers(page)).toEqual([])
    await close()
  })
})

const firefox = Firefox.find()
const screen = process.env['DISPLAY'] !== undefined
if (firefox === undefined || !screen)
  process.stdout.write(
    `skipped: published pages are opened in Firefox, ${firefox === undefined ? 'which is not installed' : 'which has WebGL on a screen only'}\n`,
  )

describe.skipIf(firefox === undefined || !screen)('in Firefox', { timeout: 120_000 }, () => {
  for (const [how, address] of WAYS)
    test(`opened ${how}, shows linked layers and cells, without another host`, async () => {
      const window = await Firefox.open(firefox!, { width: 1440, height: 900 })
      try {
        await window.goto(address())
        await expect
          .poll(() => window.evaluate(`document.querySelectorAll('[role=application]').length`), { timeout: 30_000 })
          .toBe(3)
        await expect
          .poll(() => window.evaluate(`document.body.textContent.includes('cells shown')`), { timeout: 30_000 })
          .toBe(true)
        expect(await window.evaluate(`document.body.textContent.includes('cannot be drawn')`)).toBe(false)
        const [x, y] = JSON.parse(
          String(
            await window.evaluate(
              `(() => { const b = document.querySelector('[role=application]').getBoundingClientRect(); return JSON.stringify([Math.round(b.x + b.width / 2), Math.round(b.y + b.height / 2)]) })()`,
            ),
          ),
        )
        await window.pointer(x, y, true)
        await expect
          .poll(() => window.evaluate(`document.querySelector('aside h2')?.textContent ?? ''`), { timeout: 30_000 })
          .toMatch(/row \d+, column \d+/)
        await expect
          .poll(() => window.evaluate(`document.querySelector('img[alt^="Icon of the cell"]')?.naturalWidth ?? 0`), {
            timeout: 30_000,
          })
          .toBe(80)
        expect(foreign(window.requests, address())).toEqual([])
      } finally {
        await window.close()
      }
    })
})
