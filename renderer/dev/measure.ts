/** Opens the scenes in Chromium with software rendering and prints what a frame costs while panning. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'
import type { FrameReport } from '../atlas/scene.ts'
import { FLAGS } from './flags.ts'

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const server = await createServer({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'error' })
await server.listen()
const profile = mkdtempSync(join(tmpdir(), 'portolan-measure-'))
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [...FLAGS],
  viewport: { width: 1440, height: 900 },
})
try {
  for (const query of ['panes=1&grid=160&forced=1', 'panes=3&grid=80&forced=1', 'panes=1&grid=160']) {
    const page = await context.newPage()
    page.on('console', message => message.type() === 'error' && process.stderr.write(`${message.text()}\n`))
    page.on('pageerror', error => process.stderr.write(`${error.stack}\n`))
    await page.goto(`http://127.0.0.1:5199/scene.html?${query}`)
    await page.waitForFunction(
      'globalThis.measured && measured.reports.every(r => r.at(-1)?.tilesReady === r.at(-1)?.tilesInView && r.at(-1)?.tilesInView > 0)',
    )
    await page.waitForTimeout(1500)
    for (const zoom of [1, 6]) {
      await page.evaluate(`measured.pan(60, ${zoom})`)
      const reports = (await page.evaluate('measured.reports')) as FrameReport[][]
      const all = reports.flat()
      const times = all.map(r => r.time)
      process.stdout.write(
        `${query} zoom ${zoom}: grid ${all.at(-1)?.grid}, frames ${all.length}, JavaScript per pane and frame median ${median(times).toFixed(2)} ms, ` +
          `95th ${[...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)]?.toFixed(2)} ms, draw calls ${Math.max(...all.map(r => r.drawCalls))}, ` +
          `texture ${Math.round((all.at(-1)?.textureBytes ?? 0) / 2 ** 20)} of ${Math.round((all.at(-1)?.textureBudget ?? 0) / 2 ** 20)} MiB\n`,
      )
      await page.waitForTimeout(1200)
      await page.screenshot({ path: `test-results/scene-${query.replace(/\W+/g, '-')}-z${zoom}.png` })
    }
    await page.close()
  }
} finally {
  await context.close()
  await server.close()
  rmSync(profile, { recursive: true, force: true })
}
