/** Prints what a frame of the atlas pane costs in software rendering: `node renderer/dev/measure.ts`. */
import { fly, openScenes, openStand, pan, sentence } from './measuring.ts'

const stand = await openStand()
try {
  for (const [panes, grid, forced] of [
    [1, 160, true],
    [3, 80, true],
    [1, 160, false],
  ] as const) {
    const page = await openScenes(stand, panes, grid, forced)
    for (const zoom of [1, 6]) {
      const name = `${panes} × ${grid}²${forced ? '' : ', grid by zoom'}, zoom ${zoom}`
      process.stdout.write(`${sentence(name, await pan(page, panes, grid, zoom))}\n`)
    }
    await page.close()
  }
  const page = await openScenes(stand, 1, 160, false, 150)
  const empty = await fly(page, 90, 20)
  process.stdout.write(`flight of ${empty.length} frames, at most ${(100 * Math.max(...empty)).toFixed(2)} % empty\n`)
} finally {
  await stand.close()
}
