/** What the patch lab is looked at in. */
import type { Page } from 'playwright-core'

type Scenes = Readonly<Record<string, readonly [query: string, steps: (page: Page) => Promise<void>]>>

async function open(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Patch lab' }).click()
  await page.waitForTimeout(500)
}
const frames = (page: Page) => page.getByRole('group', { name: 'Photograph with its patches' }).getByRole('button')
async function compose(page: Page): Promise<void> {
  await open(page)
  await page.getByRole('button', { name: 'Choose a photograph' }).click()
  await page.waitForTimeout(1500)
  await page.getByRole('dialog').getByRole('button').nth(8).click()
  await page.waitForTimeout(600)
  await page.getByRole('button', { name: 'Place train-01.png' }).click()
  await page.waitForTimeout(600)
  const target = page.getByRole('combobox', { name: 'Target class' })
  await target.fill('scuba')
  await target.press('Enter')
}
async function bench(page: Page, name: string): Promise<void> {
  await page.getByRole('group', { name: 'Mode' }).getByRole('button', { name }).click()
  await page.waitForTimeout(600)
}

export const patchScenes: Scenes = {
  'patch-empty': ['', open],
  'patch-editor': ['', compose],
  'patch-export': [
    '',
    async page => {
      await compose(page)
      await page.keyboard.press('Control+e')
    },
  ],
  'patch-two-patches': [
    '',
    async page => {
      await compose(page)
      await page.getByRole('button', { name: 'Place baseball-03.png' }).click()
      await page.waitForTimeout(400)
      const frame = frames(page).last()
      for (let k = 0; k < 8; k++) await frame.press('Shift+ArrowLeft')
      for (let k = 0; k < 2; k++) await frame.press('}')
      await page.getByRole('combobox', { name: 'Mask' }).selectOption('circle')
      await page.getByRole('button', { name: 'Logits' }).click()
    },
  ],
  'patch-drag': [
    '',
    async page => {
      await compose(page)
      const frame = frames(page).first()
      const box = (await frame.boundingBox())!
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await page.mouse.move(box.x - 40, box.y + 4, { steps: 5 })
      await page.mouse.move(box.x + box.width / 2 + 14, box.y + box.height / 2 + 18, { steps: 5 })
    },
  ],
  'patch-photographs': [
    '',
    async page => {
      await open(page)
      await page.getByRole('button', { name: 'Choose a photograph' }).click()
    },
  ],
  'patch-region': [
    '',
    async page => {
      await open(page)
      await page.getByRole('button', { name: 'Region' }).click()
      await page.waitForTimeout(1500)
      await page.getByRole('dialog').getByRole('button').nth(4).click()
    },
  ],
  'patch-generate': [
    '',
    async page => {
      await open(page)
      await page.getByRole('button', { name: 'Generate' }).click()
    },
  ],
  'patch-sweep': [
    '',
    async page => {
      await compose(page)
      await bench(page, 'Sweep')
    },
  ],
  'patch-experiment-plan': [
    '',
    async page => {
      await compose(page)
      await bench(page, 'Experiment')
      await page.getByRole('button', { name: 'New experiment' }).click()
    },
  ],
  'patch-experiment': [
    '',
    async page => {
      await open(page)
      await bench(page, 'Experiment')
    },
  ],
  'patch-flips': [
    '',
    async page => {
      await open(page)
      await bench(page, 'Experiment')
      await page.getByRole('button', { name: 'Flipped to target' }).click()
    },
  ],
  'patch-trials': [
    '',
    async page => {
      await open(page)
      await bench(page, 'Experiment')
      await page.getByRole('button', { name: 'Trials' }).click()
    },
  ],
  'patch-suggest': [
    '',
    async page => {
      await open(page)
      await bench(page, 'Suggest')
    },
  ],
}
