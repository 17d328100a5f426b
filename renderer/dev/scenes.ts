import type { Page } from 'playwright-core'
import type { ViewId } from '../../electron/contract/views.ts'
import { patchScenes } from './patch-scenes.ts'

/** Waits until the view is drawn. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 20_000 }).catch(() => {})
  await page.waitForTimeout(900)
}
const map = (page: Page, k = 0) => page.getByRole('application').nth(k)
async function middle(page: Page, k = 0, dx = 0, dy = 0): Promise<{ x: number; y: number }> {
  const box = (await map(page, k).boundingBox())!
  return { x: box.x + box.width / 2 + dx, y: box.y + box.height / 2 + dy }
}
async function click(page: Page, k = 0, dx = 0, dy = 0): Promise<void> {
  const at = await middle(page, k, dx, dy)
  await page.mouse.click(at.x, at.y)
}
async function pickClass(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const box = page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox')
  await box.fill(name)
  await page.keyboard.press('Enter')
  await box.waitFor({ state: 'detached' })
}
async function chooseClass(page: Page, label: string, name: string, view?: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).waitFor()
  if (view) await page.keyboard.press(view)
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
}
async function addPane(page: Page, layer: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a pane' }).last().click()
  await page.getByRole('tablist', { name: 'Layer' }).last().getByRole('tab', { name: layer }).click()
}

type Steps = (page: Page) => Promise<void>

/** All views of the window: the query of the synthetic project, and the steps to the view. */
export const scenes: Readonly<Record<string, readonly [query: string, steps: Steps]>> = {
  welcome: ['?welcome', async () => {}],
  empty: ['?empty', async () => {}],
  one: ['', async page => click(page, 0, 40, 30)],
  zoomed: [
    '',
    async page => {
      const at = await middle(page)
      await page.mouse.move(at.x, at.y)
      for (let k = 0; k < 6; k++) await page.mouse.wheel(0, -240)
      await page.waitForTimeout(800)
      await click(page, 0, 60, 20)
    },
  ],
  three: [
    '',
    async page => {
      await page.getByRole('button', { name: 'Inspector', exact: true }).click()
      await addPane(page, 'mixed3b')
      await addPane(page, 'mixed5b')
      await settle(page)
      const at = await middle(page, 0, 20, 30)
      await page.mouse.move(at.x, at.y)
    },
  ],
  heat: [
    '',
    async page => {
      await page.getByRole('button', { name: 'Class filter' }).click()
      await pickClass(page, 'fireboat')
    },
  ],
  opacity: [
    '',
    async page => {
      await pickClass(page, 'fireboat')
      await page.getByRole('button', { name: 'Opacity' }).click()
    },
  ],
  hues: [
    '',
    async page => {
      for (const name of ['fireboat', 'streetcar', 'wok']) await pickClass(page, name)
    },
  ],
  stability: [
    '',
    async page => {
      await click(page, 0, 40, 30)
      await page.getByRole('button', { name: 'Shade by stability' }).click()
      await page.getByRole('region', { name: 'Stability' }).scrollIntoViewIfNeeded()
    },
  ],
  'stability-unmeasured': [
    '',
    async page => {
      await page.getByRole('button', { name: 'Shade by stability' }).click()
      await addPane(page, 'mixed3b')
      await addPane(page, 'mixed5b')
      await settle(page)
      await click(page, 2, 20, 30)
      await page.getByRole('region', { name: 'Stability' }).scrollIntoViewIfNeeded()
    },
  ],
  strip: [
    '',
    async page => {
      for (const name of ['wok', 'fireboat']) await pickClass(page, name)
      await page.getByRole('button', { name: 'Show the nearest photographs instead of icons' }).click()
      // The fake engine cuts photographs slowly.
      await page.waitForTimeout(9000)
    },
  ],
  inspector: [
    '',
    async page => {
      await click(page, 0, 40, 30)
      await settle(page)
      await page.getByRole('button', { name: 'Add a note' }).click()
      await page.getByRole('textbox').fill('Wheels and lids share this detector.')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Render four' }).click()
      await settle(page)
      await page.getByRole('region', { name: 'Variants' }).scrollIntoViewIfNeeded()
      await page.getByRole('region', { name: 'Copy' }).scrollIntoViewIfNeeded()
    },
  ],
  lasso: [
    '',
    async page => {
      const at = await middle(page)
      await page.getByRole('button', { name: 'Lasso selection' }).click()
      await page.mouse.move(at.x - 90, at.y - 60)
      await page.mouse.down()
      for (const [dx, dy] of [
        [80, -90],
        [120, 40],
        [10, 110],
        [-80, 60],
      ] as const)
        await page.mouse.move(at.x + dx, at.y + dy, { steps: 6 })
      await page.mouse.up()
      await page.getByRole('button', { name: 'Render mean' }).click()
    },
  ],
  photograph: [
    '',
    async page => {
      await click(page, 0, 40, 30)
      await settle(page)
      await page
        .getByRole('button', { name: /^Open photograph-/ })
        .first()
        .click()
    },
  ],
  table: [
    '',
    async page => {
      await pickClass(page, 'fireboat')
      await page.getByRole('button', { name: 'Table of cells' }).click()
      await page.getByRole('combobox', { name: 'Measure' }).selectOption('fidelity')
      const bins = (await page.getByRole('img', { name: 'Histogram of fidelity' }).boundingBox())!
      await page.mouse.move(bins.x + 0.5 * bins.width, bins.y + 40)
      await page.mouse.down()
      await page.mouse.move(bins.x + 0.98 * bins.width, bins.y + 40, { steps: 4 })
      await page.mouse.up()
      await page.getByRole('columnheader', { name: 'fireboat' }).getByRole('button').click()
    },
  ],
  samples: [
    '',
    async page => {
      await page.getByRole('button', { name: 'Single samples' }).click()
      await page.getByRole('searchbox', { name: 'Search samples' }).fill('a')
      await page.getByRole('button', { name: 'Right or wrong' }).click()
    },
  ],
  bookmarks: ['', async page => page.keyboard.press('Control+d')],
  settings: ['', async page => page.keyboard.press('Control+,')],
  shortcuts: ['', async page => page.keyboard.press('F1')],
  help: ['', async page => page.getByRole('button', { name: 'Help' }).click()],
  facts: ['', async page => page.getByRole('button', { name: 'About this map' }).click()],
  export: ['', async page => page.keyboard.press('Control+e')],
  palette: [
    '',
    async page => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type('ray')
    },
  ],
  building: ['', async page => page.getByRole('tab', { name: 'mixed4d' }).click()],
  image: [
    '',
    async page => {
      await page.keyboard.press('Control+4')
      await page.getByRole('button', { name: 'Render the icons' }).click()
      await page.getByRole('button', { name: 'Row 5, column 6', exact: true }).click()
    },
  ],
  'image-class': [
    '',
    async page => {
      await page.keyboard.press('Control+4')
      await page.getByRole('button', { name: 'common newt' }).first().click()
      await page.getByRole('button', { name: 'Position at row 5, column 6' }).click()
    },
  ],
  'image-start': ['', async page => page.keyboard.press('Control+4')],
  classes: [
    '',
    async page => {
      await page.getByRole('navigation', { name: 'Views' }).waitFor()
      await page.keyboard.press('Control+2')
      await page.getByRole('combobox', { name: 'Class', exact: true }).click()
      await page.keyboard.type('fire')
    },
  ],
  class: [
    '',
    async page => {
      await chooseClass(page, 'Class', 'fireboat', 'Control+2')
      await settle(page)
      await click(page, 0, -60, 30)
    },
  ],
  'class-away': [
    '',
    async page => {
      await chooseClass(page, 'Class', 'fireboat', 'Control+2')
      await settle(page)
      await page
        .getByRole('button', { name: 'Show positions in the whole atlas', pressed: false })
        .click({ timeout: 20_000 })
    },
  ],
  'class-layers': [
    '',
    async page => {
      await chooseClass(page, 'Class', 'fireboat', 'Control+2')
      await page.getByRole('button', { name: 'mixed5b' }).click()
      await page.getByRole('button', { name: 'Build class atlas' }).click()
      await settle(page)
      const at = await middle(page, 1, 20, 30)
      await page.mouse.move(at.x, at.y)
    },
  ],
  compare: [
    '',
    async page => {
      await chooseClass(page, 'Class on the left', 'snorkel', 'Control+3')
      await chooseClass(page, 'Class on the right', 'scuba diver')
      await settle(page)
      const at = await middle(page, 0, 90, 40)
      await page.mouse.move(at.x, at.y)
    },
  ],
  'compare-cell': [
    '',
    async page => {
      await chooseClass(page, 'Class on the left', 'scuba diver', 'Control+3')
      await chooseClass(page, 'Class on the right', 'snorkel')
      await settle(page)
      await page.getByRole('region', { name: 'Separating cells' }).getByRole('button').nth(5).click()
    },
  ],
  'compare-suggest': [
    '',
    async page => {
      await chooseClass(page, 'Class on the left', 'scuba diver', 'Control+3')
      await chooseClass(page, 'Class on the right', 'snorkel')
      await settle(page)
      await page
        .getByRole('region', { name: 'Separating cells' })
        .getByRole('listitem')
        .nth(2)
        .getByRole('button')
        .click()
      await page.getByRole('button', { name: 'Suggest patches from this cell' }).click()
      await page.getByText('1 cell of a comparison').waitFor()
    },
  ],
  jobs: ['', async page => page.keyboard.press('Control+6')],
  models: ['', async page => page.keyboard.press('Control+7')],
  'models-form': [
    '',
    async page => {
      await page.keyboard.press('Control+7')
      await page.getByRole('button', { name: 'Add a model' }).click()
    },
  ],
  'models-measured': [
    '',
    async page => {
      await page.keyboard.press('Control+7')
      const button = page.getByRole('button', { name: 'Measure' }).first()
      await button.scrollIntoViewIfNeeded()
      await button.click()
      await page.getByRole('button', { name: 'Measure again' }).first().waitFor()
    },
  ],
  photographs: ['', async page => page.keyboard.press('Control+8')],
  plan: [
    '',
    async page => {
      await page.keyboard.press('Control+b')
      await page.getByText('Parameters').click()
    },
  ],
  ...patchScenes,
}

/** Opens a scene in a page. */
export async function enact(page: Page, address: (path: string) => string, name: string): Promise<void> {
  const [query, steps] = scenes[name]!
  await page.goto(address(`window.html${query}`))
  // The window handles keys once it is rendered.
  await page.getByRole('main').waitFor()
  await settle(page)
  await steps(page)
  await settle(page)
}

/** A scene that opens each view: a new view needs one. */
export const SCENE_OF_VIEW: Readonly<Record<ViewId, string>> = {
  atlas: 'one',
  class: 'class',
  compare: 'compare',
  image: 'image',
  patch: 'patch-editor',
  jobs: 'jobs',
  models: 'models',
  photographs: 'photographs',
}
