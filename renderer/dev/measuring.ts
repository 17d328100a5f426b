import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { createServer } from 'vite'
import type { FrameReport } from '../atlas/scene-state.ts'
import { FLAGS } from './flags.ts'

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** A page of synthetic projects in Chromium with software rendering. */
export interface Stand {
  readonly context: BrowserContext
  /** Address of a page of renderer/dev. */
  readonly address: (page: string) => string
  close(): Promise<void>
}

export async function openStand(): Promise<Stand> {
  const server = await createServer({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error' })
  await server.listen()
  const profile = mkdtempSync(join(tmpdir(), 'portolan-stand-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [...FLAGS],
    viewport: { width: 1440, height: 900 },
  })
  const base = server.resolvedUrls?.local[0] ?? 'http://127.0.0.1:5199/'
  return {
    context,
    address: page => `${base}${page}`,
    close: async () => {
      await context.close()
      await server.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** What frames cost while panning over full grids of synthetic icons. */
interface Panned {
  readonly frames: number
  readonly cells: number
  /** JavaScript of one pane's frame, ms. */
  readonly medianTime: number
  readonly time95: number
  readonly mostDrawCalls: number
  /** Of the pane with the most, bytes. */
  readonly textureBytes: number
  readonly textureBudget: number
}

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

/** Opens panes of grid × grid cells each, every one with an icon. @param delay of every tile, ms */
export async function openScenes(stand: Stand, panes: number, grid: number, forced: boolean, delay = 0): Promise<Page> {
  const page = await stand.context.newPage()
  if (delay > 0) {
    await page.route('**/portolan/icons/**', async route => {
      await new Promise(resolve => setTimeout(resolve, delay))
      await route.continue()
    })
  }
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  // Against what hangs: a machine with other work takes long to draw everything once, which is not what is measured.
  page.setDefaultTimeout(120_000)
  await page.goto(stand.address(`scene.html?panes=${panes}&grid=${grid}${forced ? '&forced=1' : ''}`))
  await page.waitForFunction('globalThis.measured')
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return page
}

export async function pan(page: Page, panes: number, grid: number, zoom: number): Promise<Panned> {
  await page.waitForFunction(
    'measured.reports.every(r => r.at(-1)?.tilesReady === r.at(-1)?.tilesInView && r.at(-1)?.tilesInView > 0)',
  )
  await page.waitForTimeout(1500)
  await page.evaluate(`measured.pan(60, ${zoom})`)
  const reports = ((await page.evaluate('measured.reports')) as FrameReport[][]).flat()
  const times = reports.map(r => r.time)
  return {
    frames: reports.length,
    cells: panes * grid * grid,
    medianTime: quantile(times, 0.5),
    time95: quantile(times, 0.95),
    mostDrawCalls: Math.max(...reports.map(r => r.drawCalls)),
    textureBytes: Math.max(...reports.map(r => r.textureBytes)),
    textureBudget: Math.max(...reports.map(r => r.textureBudget)),
  }
}

/** Flies in and out while tiles come late. @returns of every frame the share of the atlas that shows nothing */
export async function fly(page: Page, frames: number, zoom: number): Promise<readonly number[]> {
  return (await page.evaluate(`measured.journey(${frames}, ${zoom})`)) as number[]
}

export function sentence(name: string, p: Panned): string {
  return (
    `${name}: ${p.cells} icons, ${p.frames} frames, JavaScript per pane and frame median ${p.medianTime.toFixed(2)} ms, ` +
    `95th ${p.time95.toFixed(2)} ms, draw calls ${p.mostDrawCalls}, texture ${Math.round(p.textureBytes / 2 ** 20)} of ` +
    `${Math.round(p.textureBudget / 2 ** 20)} MiB a pane`
  )
}
