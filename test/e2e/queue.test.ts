import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silent } from '../../electron/contract/progress.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { enterPhotographs } from '../../electron/engine/photographs/enter.ts'
import { enterModel } from '../../electron/engine/registry/enter.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { type Running, startPortolan } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { noRedis, startRedis, type TestRedis } from '../fixtures/redis-server.ts'
import { inPage, type Started, start } from './electron.ts'

const PHOTOGRAPHS = 48

/** A queue in the window: chosen in Settings, used by a build, shown by Jobs. */
describe.skipIf(noRedis !== undefined)(`the queue of a window${noRedis ? ` (skipped: ${noRedis})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-window-queue-'))
  const file = join(folder, 'queue.portolan')
  const profile = join(folder, 'profile')
  let redis: TestRedis
  let window: Started
  let worker: Running | undefined

  beforeAll(async () => {
    redis = await startRedis()
    await writeNetwork(join(folder, 'net.onnx'))
    await writePhotographs(join(folder, 'photographs'), PHOTOGRAPHS)
    const db = createProject(file, { command: 'a test' })
    enterModel(db, await loadClassifier(join(folder, 'net.onnx')))
    const work = { signal: new AbortController().signal, report: silent }
    await enterPhotographs(db, [join(folder, 'photographs')], work)
    db.close()
    window = await start({ realEngine: true, args: [file], profile })
    await window.page.getByRole('button', { name: 'Build an atlas' }).waitFor({ timeout: 60_000 })
  }, 180_000)
  afterAll(async () => {
    worker?.kill('SIGKILL')
    await worker?.ended
    await window.close()
    await redis.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Answers the question that the system's dialog asks. @returns what it has asked */
  const answering = (response: number): Promise<void> =>
    window.app.evaluate(({ dialog }, response) => {
      const asked: unknown[] = []
      Object.assign(globalThis, { asked })
      dialog.showMessageBox = (...given: unknown[]) => {
        asked.push(given.at(-1))
        return Promise.resolve({ response, checkboxChecked: false })
      }
    }, response)
  const asked = (): Promise<unknown> => window.app.evaluate(() => Reflect.get(globalThis, 'asked'))
  const shown = (): string => `redis://127.0.0.1:${redis.port}`
  const settings = () => window.page.getByRole('dialog', { name: 'Settings' })

  const build = () =>
    inPage(
      window.page,
      async bridge => {
        const [model] = await bridge.call('models.list', {})
        const [photographs] = await bridge.call('folder.list', {})
        const { job } = await bridge.call('atlas.build', {
          ...{ name: 'by workers', model: model!.hash, folders: [photographs!.id], layers: ['mixed3a'] },
          ...{ samples: 96, grids: [4], preset: 'draft', steps: 300, seed: 1, method: 'umap', neighbours: 5 },
          ...{ minDist: 0.1, metric: 'cosine', layoutSeed: 0 },
        })
        return job
      },
      undefined,
    )
  const state = (job: number) =>
    inPage(
      window.page,
      async (bridge, job) => (await bridge.call('jobs.list', {})).find(({ id }) => id === job)?.state ?? 'none',
      job,
    )

  test('is chosen in Settings, after a question, and its password is kept where only the user reads it', async () => {
    const { page } = window
    await page.keyboard.press('Control+,')
    await answering(1)
    await settings().getByLabel('Workers on other machines').fill(redis.url)
    await settings().getByRole('button', { name: 'Use', exact: true }).click()
    await expect.poll(asked).toMatchObject([{ message: `Divide jobs among the workers of ${shown()}?` }])
    expect(await settings().getByText('Workers of the queue at').count()).toBe(0)
    await answering(0)
    await settings().getByRole('button', { name: 'Use', exact: true }).click()
    await settings().getByText(`Workers of the queue at ${shown()}`).waitFor()
    const stored = join(profile, 'queue.json')
    expect(JSON.parse(readFileSync(stored, 'utf8'))).toMatchObject({ url: redis.url })
    expect(statSync(stored).mode & 0o077).toBe(0)
    await window.screenshot('queue-settings')
    await page.keyboard.press('Escape')
  }, 60_000)

  test('performs a build, and Jobs shows what waits and who works', async () => {
    const { page } = window
    const job = await build()
    await page.keyboard.press('Control+6')
    const card = page.getByRole('article', { name: 'Queue' })
    await card.getByRole('heading', { name: `Queue at ${shown()}` }).waitFor()
    await card
      .getByText(/^[1-9]\d* units? waiting, 0 being performed\. Start portolan worker/)
      .waitFor({ timeout: 60_000 })
    await window.screenshot('queue-no-worker')
    worker = startPortolan('worker', '--queue', redis.url, '--name', 'next door', '--threads', '1')
    await worker.waitFor(/has joined the queue/)
    const row = card.getByRole('row', { name: /next door/ })
    await row.waitFor({ timeout: 30_000 })
    await card.getByText('1 worker', { exact: true }).waitFor()
    await card.getByText(/1 being performed/).waitFor({ timeout: 60_000 })
    await window.screenshot('queue-jobs-dark')
    await expect.poll(() => state(job), { timeout: 200_000, interval: 500 }).toBe('done')
    // Nothing of it was done here: every sample is in the count of the worker.
    await expect.poll(() => row.getByRole('cell').nth(5).textContent(), { timeout: 30_000 }).toBe('96')
    expect(await row.getByRole('cell').nth(6).textContent()).toBe('0')
    await page.keyboard.press('Control+,')
    await settings().getByLabel('Theme').selectOption({ label: 'Light' })
    await page.keyboard.press('Escape')
    await window.screenshot('queue-jobs-light')
  }, 400_000)

  test('is left in Settings: Jobs then shows none', async () => {
    const { page } = window
    await page.keyboard.press('Control+,')
    await settings().getByRole('button', { name: 'Stop using it' }).click()
    await settings().getByLabel('Workers on other machines').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('article', { name: 'Queue' }).count()).toBe(0)
  }, 60_000)
})
