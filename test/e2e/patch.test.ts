import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silent } from '../../electron/contract/progress.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { photograph } from '../fixtures/images.ts'
import { inPage, root, type Started, start } from './electron.ts'
import { barriers } from './steps.ts'

/** The patch lab against the real engine, with the embedded network and photographs of its own making. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'))
const file = join(folder, 'lab.portolan')
const photographs = join(folder, 'photographs')
let window: Started
let classes: readonly [source: number, target: number]

const frame = () => window.page.getByRole('group', { name: 'Photograph with its patches' }).getByRole('button').last()
const exact = () => window.page.getByText(/224 × 224 pixels, as classified/).waitFor({ timeout: 20_000 })
const bench = (name: string) => window.page.getByRole('group', { name: 'Mode' }).getByRole('button', { name }).click()
/** The pixels on the screen, as a sum that distinguishes two pictures. */
const shownSum = () =>
  window.page.locator('canvas[aria-label="Classified image"]').evaluate(canvas => {
    const { width, height } = canvas as HTMLCanvasElement
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
    return data.reduce((sum, value, k) => (sum * 31 + value * (k % 7)) % 1_000_003, 0)
  })
const choose = async (label: string, index: number): Promise<void> => {
  const field = window.page.getByRole('combobox', { name: label })
  await field.fill(String(index))
  await field.press('Enter')
}
/** As if it were copied from another program. */
const paste = (name: string, bytes: Uint8Array): Promise<void> =>
  window.page.evaluate(
    ([file, base64]) => {
      const held = Uint8Array.from(atob(base64!), character => character.charCodeAt(0))
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([held], file!, { type: 'image/png' }))
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    },
    [name, Buffer.from(bytes).toString('base64')],
  )
const lastJob = () => inPage(window.page, async bridge => (await bridge.call('jobs.list', {}))[0], null)

beforeAll(async () => {
  mkdirSync(photographs)
  // Small ones, below the network's input: they are enlarged.
  for (let k = 0; k < 24; k++)
    await photograph(160, 120, k + 1)
      .jpeg()
      .toFile(join(photographs, `${k}.jpg`))
  const db = createProject(file, { command: 'a test' })
  enterModel(db, await loadClassifier(join(root, 'resources/models/inceptionv1-portolan.onnx')))
  await enterPhotographs(db, [photographs], { signal: new AbortController().signal, report: silent })
  db.close()
  window = await start({ realEngine: true, args: [file] })
  const { page } = window
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Patch lab' }).click()
  classes = await inPage(
    page,
    async bridge => {
      const [model] = await bridge.call('models.list', {})
      const { photographs } = await bridge.call('photograph.list', { text: '', offset: 0, limit: 1 })
      const image = photographs[0]!.id
      const { probabilities } = await bridge.call('photograph.predict', { model: model!.hash, image, limit: 2 })
      return [probabilities[0]!.index, probabilities[1]!.index] as const
    },
    null,
  )
}, 120_000)
afterAll(async () => {
  await window.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the patch lab', () => {
  test('cuts a patch from a photograph, lays it on, and shows what was classified', async () => {
    const { page, screenshot } = window
    await page.getByRole('button', { name: 'Choose a photograph' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button')
      .filter({ has: page.locator('img') })
      .first()
      .click()
    await exact()
    await page.getByRole('button', { name: 'Region' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button')
      .filter({ has: page.locator('img') })
      .nth(3)
      .click()
    await page.getByRole('application', { name: /^Region/ }).press('ArrowLeft')
    await page.getByRole('button', { name: 'Cut', exact: true }).click()
    await frame().waitFor()
    await choose('Target class', classes[1])
    await exact()
    await screenshot('patch-editor')
    expect(await barriers(page)).toEqual([])
  }, 90_000)

  test('is worked by keys, and takes everything back', async () => {
    const { page } = window
    await exact()
    const before = await shownSum()
    await frame().focus()
    for (const key of ['Alt+ArrowLeft', 'Alt+ArrowUp', 'Shift++', ']']) await page.keyboard.press(key)
    await page.waitForTimeout(300)
    await exact()
    const after = await shownSum()
    expect(after).not.toBe(before)
    for (let k = 0; k < 4; k++) await page.keyboard.press('Control+z')
    await page.waitForTimeout(300)
    await exact()
    expect(await shownSum()).toBe(before)
    for (let k = 0; k < 4; k++) await page.keyboard.press('Control+Shift+z')
    await page.waitForTimeout(300)
    await exact()
    expect(await shownSum()).toBe(after)
  }, 60_000)

  test('reports what is wrong with bad pictures, and that nothing of a patch is seen', async () => {
    const { page } = window
    const empty = { width: 30, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const
    const huge = { width: 9000, height: 9000, channels: 3, background: 'red' } as const
    const picture = await photograph(90, 60, 5).png({ compressionLevel: 0 }).toBuffer()
    for (const [name, bytes, message] of [
      ['zero.png', Buffer.alloc(0), /"zero\.png" as a patch: it is empty/],
      ['corrupt.png', picture.subarray(0, 900), /"corrupt\.png" as a patch: the file is cut off; choose a PNG/],
      [
        'clear.png',
        await sharp({ create: empty }).png().toBuffer(),
        /"clear\.png" as a patch: all of it is transparent/,
      ],
      [
        'huge.png',
        await sharp({ create: huge }).png().toBuffer(),
        /9000 × 9000 pixels, and a patch may have 50 million/,
      ],
    ] as const) {
      await paste(name, bytes)
      await page.getByRole('alert').getByText(message).first().waitFor({ timeout: 20_000 })
    }
    // The last three are shown.
    const close = page.getByRole('button', { name: 'Close', exact: true })
    await expect.poll(() => close.count()).toBe(3)
    for (let left = 3; left > 0; left--) await close.first().click()
    // A good one is laid on, and is not taken for a photograph to be looked at.
    await paste('good.png', picture)
    await page.getByRole('button', { name: 'Place good.png' }).waitFor({ timeout: 20_000 })
    await page.keyboard.press('Control+z')
    await exact()
    await frame().focus()
    // From the left edge it takes 25 twentieths.
    const steps = 26
    for (let k = 0; k < steps; k++) await page.keyboard.press('Shift+ArrowRight')
    await page
      .getByText(/Nothing of part of .* is seen: it lies wholly outside the photograph/)
      .waitFor({ timeout: 20_000 })
    await window.screenshot('patch-outside')
    for (let k = 0; k < steps; k++) await page.keyboard.press('Control+z')
    await exact()
  }, 90_000)

  test('sweeps size and position', async () => {
    const { page, screenshot } = window
    await bench('Sweep')
    await page.getByLabel('Step, %').fill('20')
    await page.getByRole('combobox', { name: /^Positions/ }).selectOption('2')
    await page.getByRole('button', { name: 'Start sweep' }).click()
    await expect.poll(async () => (await lastJob())?.state, { timeout: 60_000 }).toBe('done')
    await page.getByText(/(\d+) of \1 compositions/).waitFor()
    await page.getByRole('application', { name: /^Top-1 class/ }).press('ArrowRight')
    await screenshot('patch-sweep')
    expect(await barriers(page)).toEqual([])
  }, 90_000)

  test('runs an experiment, which is cancelled and resumed, and opens one of its trials', async () => {
    const { page, screenshot } = window
    await bench('Editor')
    await page.getByLabel('Rotation, number, °').fill('30')
    await page.getByLabel('Rotation, number, °').press('Enter')
    await page.getByLabel('Opacity, number, %').fill('80')
    await page.getByLabel('Opacity, number, %').press('Enter')
    await page.getByRole('combobox', { name: 'Mask' }).selectOption('circle')
    await bench('Experiment')
    const looks = page.getByRole('group', { name: 'Look', exact: true })
    const edited = 'rotated 30°, opacity 80 %, circular mask, aspect preserved'
    await page.getByText(edited).waitFor()
    await looks.getByRole('button', { name: 'Plain' }).click()
    await page.getByText('forced square', { exact: true }).waitFor()
    await looks.getByRole('button', { name: 'As in the editor' }).click()
    await page.getByText(edited).waitFor()
    await page.getByLabel('Noise with the spectrum of each patch').fill('1')
    await page.getByLabel('Sizes, % of the side').fill('40, 70')
    await screenshot('patch-experiment-plan')
    await page.getByRole('button', { name: 'Start experiment' }).click()
    await expect.poll(async () => (await lastJob())?.stage ?? '', { timeout: 60_000 }).not.toBe('')
    await page.getByRole('button', { name: 'Cancel' }).click({ timeout: 30_000 })
    await page.getByText(/Results so far are kept/).waitFor({ timeout: 60_000 })
    await screenshot('patch-experiment-cancelled')
    await page.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(async () => (await lastJob())?.state, { timeout: 240_000, interval: 500 }).toBe('done')
    await page
      .getByText(/n = \d+/)
      .first()
      .waitFor({ timeout: 20_000 })
    await page.getByText('All patches').waitFor()
    await page.getByText(`Look: ${edited}`).waitFor()
    // Every trial measured the composition as it was edited, of the patch and of its controls.
    const measured = await inPage(
      page,
      async bridge => {
        const [experiment] = await bridge.call('experiment.list', {})
        const { trials } = await bridge.call('experiment.trials', {
          ...{ experiment: experiment!.id, model: null, patch: null, image: null, flipped: false },
          ...{ order: 'photograph' as const, offset: 0, limit: 500 },
        })
        return trials.map(({ composition }) => {
          const { rotation, opacity, mask, feather, aspect } = composition.patches[0]!
          return { rotation, opacity, mask, feather, aspect }
        })
      },
      null,
    )
    expect(measured.length).toBeGreaterThan(0)
    for (const each of measured)
      expect(each).toEqual({ rotation: 30, opacity: 0.8, mask: 'circle', feather: 0, aspect: 'kept' })
    await screenshot('patch-experiment')
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: 'Trials' }).click()
    await page.getByText(/1 to 50 of [\d,]+/).waitFor()
    await screenshot('patch-trials')
    await page.getByRole('button', { name: 'Open', exact: true }).first().click()
    await exact()
    await frame().waitFor()
    await screenshot('patch-trial-opened')
    // Its plan can be copied, and has the look that it had.
    await bench('Experiment')
    await page.getByRole('button', { name: 'Copy plan' }).click()
    await looks.getByRole('button', { name: 'As in that plan', pressed: true }).waitFor()
    await page.getByText(edited).waitFor()
    expect(await page.getByLabel('Sizes, % of the side').inputValue()).toBe('40, 70')
    await screenshot('patch-experiment-copied')
    expect(await barriers(page)).toEqual([])
  }, 300_000)

  test('reports that a class has no photographs', async () => {
    const { page, screenshot } = window
    await bench('Experiment')
    await page.getByRole('button', { name: 'New experiment' }).click()
    // The photographs of this test are noise: no zebra is among them.
    await choose('Source class', 340)
    await page.getByRole('button', { name: 'Start experiment' }).click()
    const message = /none of 24 photographs has .*zebra among .* five strongest classes: add photographs/
    await page.getByRole('alert').getByText(message).first().waitFor({ timeout: 60_000 })
    await screenshot('patch-no-photographs')
    expect(await barriers(page)).toEqual([])
  }, 90_000)
})
