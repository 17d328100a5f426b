import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineClient } from '../fixtures/engine-client.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork } from '../fixtures/project-files.ts'

/** Models and photographs without a terminal, called as the window calls them. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-models-'))
const path = (name: string): string => join(folder, name)
let engine: EngineClient

beforeAll(async () => {
  await writeNetwork(path('net.onnx'), { sidecar: false })
  await writeNetwork(path('described.onnx'))
  for (const [k, name] of ['thing 3', 'thing 7', 'elsewhere'].entries()) {
    mkdirSync(path(`photographs/${name}`), { recursive: true })
    for (let i = 0; i < 3; i++)
      await photograph(48, 40, 10 * k + i)
        .png()
        .toFile(path(`photographs/${name}/${i}.png`))
  }
  writeFileSync(
    path('photographs/ATTRIBUTION.csv'),
    'file,author,license\nthing 3/0.png,Ada,https://creativecommons.org/licenses/by/2.0/\n',
  )
  writeFileSync(path('names.txt'), Array.from({ length: 10 }, (_, k) => `thing ${k}`).join('\n'))
  engine = await EngineClient.start(folder)
  await engine.call('project.create', { file: path('a.portolan') })
  const { job } = await engine.call('folder.add', { folder: path('photographs') })
  await engine.ended(job)
}, 60_000)
afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a model without a sidecar', () => {
  test('is described in a form, tested before it is saved, and then added', async () => {
    const file = path('net.onnx')
    expect(await engine.call('models.propose', { file: path('described.onnx') })).toBeNull()
    const proposed = (await engine.call('models.propose', { file }))!
    expect(proposed.classes).toBe(10)
    expect(proposed.unconfirmed).toContain('input.channels')
    const { labels } = await engine.call('models.readLabels', { file: path('names.txt') })
    const description = { ...proposed.description, name: 'Mine', labels: [...labels] }
    const { photographs } = await engine.call('photograph.list', { text: '', offset: 0, limit: 9 })
    const images = photographs.map(({ id }) => id).slice(0, 4)
    const tested = await engine.call('models.test', { file, description, images })
    expect(tested.map(({ image }) => image)).toEqual(images)
    // Another preprocessing gives other predictions, so that a wrong one shows.
    const other = await engine.call('models.test', { file, description: { ...description, range: [0, 1] }, images })
    expect(other.map(({ top }) => top[0]!.value)).not.toEqual(tested.map(({ top }) => top[0]!.value))
    expect(existsSync(path('net.model.json'))).toBe(false)

    const short = { ...description, labels: ['one'] }
    await expect(engine.call('models.describe', { file, description: short })).rejects.toThrow(/has 10 classes/)
    expect(existsSync(path('net.model.json'))).toBe(false)
    const added = await engine.call('models.describe', { file, description })
    expect(added).toMatchObject({ name: 'Mine', classes: 10, available: true })
    expect(JSON.parse(readFileSync(path('net.model.json'), 'utf8'))).toMatchObject({ name: 'Mine', labels })
    // What was tested is what the project predicts from now on.
    const now = await engine.call('photograph.predict', { model: added.hash, image: images[0]!, limit: 1 })
    expect(now.probabilities[0]!.value).toBeCloseTo(tested[0]!.top[0]!.value, 5)
    await expect(engine.call('models.describe', { file, description })).rejects.toThrow(/exists already/)
  }, 60_000)

  test('its accuracy is measured on labelled photographs, with counts and the classes that are confused', async () => {
    const [model] = await engine.call('models.list', {})
    expect(await engine.call('models.accuracy', { model: model!.hash })).toMatchObject({ labelled: 6, known: 0 })
    const { job } = await engine.call('models.evaluate', { model: model!.hash })
    expect(await engine.ended(job)).toMatchObject({ state: 'done', kind: 'model evaluate' })
    const found = await engine.call('models.accuracy', { model: model!.hash })
    expect(found).toMatchObject({ labelled: 6, known: 6, classes: 2 })
    const { photographs } = await engine.call('photograph.list', { text: 'thing', offset: 0, limit: 9 })
    let right = 0
    for (const { id, class: label } of photographs) {
      const { probabilities } = await engine.call('photograph.predict', { model: model!.hash, image: id, limit: 1 })
      if (probabilities[0]!.index === label) right++
    }
    expect(found.top1).toMatchObject({ count: right, of: 6 })
    expect(found.confused.reduce((sum, { photographs }) => sum + photographs, 0)).toBe(6 - right)
    for (const { actual, predicted, of } of found.confused) {
      expect(predicted).not.toBe(actual)
      expect(of).toBe(3)
    }
  }, 60_000)
})

test('the embedded network is added to any project', async () => {
  const added = await engine.call('models.addEmbedded', {})
  expect(added.classes).toBe(1000)
  expect((await engine.call('models.list', {})).map(({ hash }) => hash)).toContain(added.hash)
}, 60_000)

test('a folder says its classes and where its licences stand, and is removed unless results were made from it', async () => {
  const [one] = await engine.call('folder.list', {})
  expect(one).toMatchObject({ images: 9, used: null, attribution: path('photographs/ATTRIBUTION.csv') })
  expect(one!.classes).toMatchObject({ total: 2, most: [{ images: 3 }, { images: 3 }] })
  const model = (await engine.call('models.list', {})).find(({ name }) => name === 'Mine')!
  const { photographs } = await engine.call('photograph.list', { text: '', offset: 0, limit: 1 })
  const patch = await engine.call('patch.add', { kind: 'file', file: path('photographs/elsewhere/0.png') })
  const plan = { model: model.hash, image: photographs[0]!.id, patch: patch.id, source: 3, target: 4, sizes: [0.3] }
  const { job, sweep } = await engine.call('sweep.start', { ...plan, positions: 2 })
  await expect(engine.call('folder.remove', { id: one!.id })).rejects.toThrow(/while a job is queued or running/)
  await engine.ended(job)
  expect((await engine.call('folder.list', {}))[0]!.used).toMatch(/1 sweep/)
  await expect(engine.call('folder.remove', { id: one!.id })).rejects.toThrow(/cannot remove the folder.*1 sweep/)
  await engine.call('sweep.remove', { sweep })
  await engine.call('folder.remove', { id: one!.id })
  expect(await engine.call('folder.list', {})).toEqual([])
  expect((await engine.call('photograph.list', { text: '', offset: 0, limit: 1 })).total).toBe(0)
  expect(existsSync(path('photographs/elsewhere/0.png'))).toBe(true)
}, 60_000)
