import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineClient } from '../fixtures/engine-client.ts'
import { openSmallProject, type SmallProject } from '../fixtures/small-project.ts'

/** The engine in its own process, called as windows call it: projects, classes, runtimes, jobs and notes. */
let small: SmallProject
let engine: SmallProject['engine']
let folder: SmallProject['folder']
let file: SmallProject['file']
let photographs: SmallProject['photographs']
let model: SmallProject['model']
let plan: SmallProject['plan']

beforeAll(async () => {
  small = await openSmallProject()
  ;({ engine, folder, file, photographs, model, plan } = small)
}, 60_000)

afterAll(() => small.close())

test('a project reports what is in it', async () => {
  expect(await engine.call('project.summary', {})).toMatchObject({
    images: 12,
    unreadable: 1,
    models: 1,
    readOnly: null,
  })
  expect(await engine.call('project.summary', {}, 2)).toBeNull()
  expect(await engine.call('folder.list', {})).toMatchObject([
    {
      path: photographs,
      available: true,
      images: 12,
      unreadable: [{ file: join(photographs, 'broken.jpg') }],
      classless: [{ modelName: 'Net', images: 12, hints: '12 in no sub-folder named after a class' }],
    },
  ])
  const [info] = await engine.call('models.list', {})
  expect(info).toMatchObject({ hash: model, classes: 10, available: true })
  expect(info!.layers.map(layer => layer.name)).toContain('mixed3b')
  expect(info!.operators).toContain('Conv')
})

test('unknown calls and invalid inputs are refused in a sentence', async () => {
  await expect(engine.raw('project.burn', {})).rejects.toThrow('there is no such call')
  await expect(engine.raw('atlas.cells', { atlas: 'one', grid: 2 })).rejects.toThrow(
    'refused the call atlas.cells: atlas',
  )
  await expect(engine.raw('__proto__', {})).rejects.toThrow('there is no such call')
  await expect(engine.call('atlas.cells', { atlas: 77, grid: 2 })).rejects.toThrow('there is no atlas 77')
  await expect(engine.call('atlas.list', {}, 9)).rejects.toThrow('no project is open in this window')
})

test('classes that are searched for are described as in the list of all', async () => {
  const all = await engine.call('classes.list', { model })
  const found = await engine.call('classes.search', { model, text: 'thing 3', limit: 2 })
  expect(found[0]).toMatchObject({ name: 'thing 3', title: 'thing 3' })
  for (const each of found) expect(each).toEqual(all[each.index])
})

test('runtimes are listed with what they lack, and only those that are there can be chosen', async () => {
  const { runtimes, inUse } = await engine.call('runtimes.list', { model })
  expect(runtimes.map(({ name }) => name)).toContain('tensorflow')
  const missing = runtimes.find(runtime => runtime.missing !== null)!
  await expect(engine.call('runtimes.choose', { model, choice: missing.name })).rejects.toThrow(
    `cannot run on ${missing.name}: ${missing.missing}`,
  )
  expect(await engine.call('runtimes.choose', { model, choice: 'cpu' })).toMatchObject({ choice: 'cpu', inUse: 'cpu' })
  expect(await engine.call('runtimes.choose', { model, choice: 'auto' })).toMatchObject({ choice: 'auto', inUse })
})

test('a window that closes interrupts its job, which another one resumes', async () => {
  const long = plan('long', { steps: 5000, layers: ['mixed3a'] })
  const { job } = await engine.call('atlas.build', long)
  await engine.event('job.progress', progress => progress.job === job && progress.stage.includes('icons'))
  engine.leave(1)
  await engine.call('project.open', { file })
  const jobs = await engine.call('jobs.list', {})
  expect(jobs.find(each => each.id === job)!.state).toBe('interrupted')
  const again = await engine.call('jobs.resume', { job })
  await engine.event('job.progress', progress => progress.job === again.job)
  await engine.call('jobs.cancel', { job: again.job })
  expect(await engine.ended(again.job)).toMatchObject({ state: 'cancelled', error: null })
  expect(await engine.call('jobs.log', { job: again.job })).toBeInstanceOf(Array)
}, 60_000)

test('two windows share a project, and one that another process writes to is opened read-only', async () => {
  expect((await engine.call('project.open', { file }, 2)).readOnly).toBeNull()
  const other = await EngineClient.start(folder)
  const seen = await other.call('project.open', { file })
  expect(seen.readOnly).toContain('is being written by "the Portolan window"')
  expect((await other.call('atlas.list', {})).length).toBeGreaterThan(0)
  await expect(other.call('saved.save', { kind: 'note', name: 'n', value: 1 })).rejects.toThrow('is being written by')
  await other.stop()
})

test('notes are kept by name', async () => {
  await engine.call('saved.save', { kind: 'note', name: 'here', value: { x: 1 } })
  expect(await engine.call('saved.list', { kind: 'note' })).toMatchObject([{ name: 'here', value: { x: 1 } }])
  await engine.call('saved.remove', { kind: 'note', name: 'here' })
  expect(await engine.call('saved.list', { kind: 'note' })).toEqual([])
})
