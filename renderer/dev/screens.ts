/** Saves a screenshot of every view, in Chromium with a synthetic project. */
import { openStand } from './measuring.ts'
import { enact, scenes } from './scenes.ts'

const only = process.argv.slice(2)
const stand = await openStand()
const { context } = stand

try {
  for (const name of Object.keys(scenes)) {
    if (only.length > 0 && !only.includes(name)) continue
    const page = await context.newPage()
    page.on('pageerror', error => process.stderr.write(`${name}: ${error.message}\n`))
    page.on('console', m => m.type() === 'error' && process.stderr.write(`${name}: ${m.text()}\n`))
    try {
      await enact(page, stand.address, name)
    } catch (error) {
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
    await page.screenshot({ path: `test-results/window-${name}.png` })
    await page.close()
  }
} finally {
  await stand.close()
}
