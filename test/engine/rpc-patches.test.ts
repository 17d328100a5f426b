import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Input, Output } from '../../electron/contract/calls.ts'
import { PatchLook } from '../../electron/contract/placement.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** The patch lab in the engine's own process, called as the window calls it. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-lab-'))
const look = PatchLook.parse({ aspect: 'square' })
let engine: EngineClient
let project: Output<'project.open'>
let model: string
let patch: Output<'patch.add'>
let source: number

const composition = (x: number, size = 0.4) => ({
  image: 1,
  patches: [{ ...look, patch: patch.id, x, y: 0.5, size }],
})

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(join(folder, 'photographs'), 12)
  await photograph(40, 30, 3).png().toFile(join(folder, 'patch.png'))
  engine = await EngineClient.start(folder)
  project = await engine.call('project.create', { file: join(folder, 'lab.portolan') })
  model = (await engine.call('models.add', { file: join(folder, 'net.onnx') })).hash
  const { job } = await engine.call('folder.add', { folder: join(folder, 'photographs') })
  await engine.ended(job)
  patch = await engine.call('patch.add', { kind: 'file', file: join(folder, 'patch.png') })
  const composed = await engine.call('patch.compose', { model, composition: composition(0.5), top: 1, pinned: [] })
  source = composed!.before.top[0]!.index
}, 60_000)
afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('patches', () => {
  test('are added, shown, renamed and taken out of the gallery', async () => {
    expect(await engine.call('patch.list', {})).toEqual([patch])
    const picture = await engine.picture({ kind: 'patch', project: project.key, patch: patch.id })
    const { width, height, format } = await sharp(picture!.bytes).metadata()
    expect([width, height, format]).toEqual([40, 30, 'webp'])
    const region = await engine.call('patch.add', {
      kind: 'region',
      image: 1,
      box: { left: 0, top: 0, right: 0.5, bottom: 1 },
    })
    expect(region).toMatchObject({ kind: 'region', width: 24, height: 40 })
    await engine.call('patch.rename', { patch: region.id, name: 'left half' })
    expect(await engine.call('patch.get', { patch: region.id })).toMatchObject({ name: 'left half' })
    await engine.call('patch.remove', { patch: region.id })
    expect((await engine.call('patch.list', {})).map(({ id }) => id)).toEqual([patch.id])
    await expect(engine.call('patch.get', { patch: 99 })).rejects.toThrow(/there is no patch 99/)
    const bytes = await sharp({ create: { width: 5, height: 5, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer()
    await expect(
      engine.call('patch.add', { kind: 'bytes', name: 'clipboard', bytes: Uint8Array.from(bytes) }),
    ).rejects.toThrow(/"clipboard" as a patch: all of it is transparent/)
  })

  test('are made by inversion', async () => {
    const direction = { kind: 'channel', layer: 'mixed3b', channel: 2 } as const
    const { job } = await engine.call('patch.generate', {
      model,
      direction,
      preset: 'draft',
      seed: 1,
      steps: 4,
      size: 32,
    })
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const [made] = await engine.call('patch.list', {})
    expect(made).toMatchObject({ name: 'channel 2', kind: 'inversion', width: 32 })
    const wrong = await engine.call('patch.generate', {
      model,
      direction: { ...direction, channel: 9999 },
      preset: 'draft',
      seed: 1,
    })
    expect(await engine.ended(wrong.job)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/has no channel 9999: it has/),
    })
  })
})

describe('a composition', () => {
  test('comes as pixels with what the network predicts before and after', async () => {
    const made = await engine.call('patch.compose', { model, composition: composition(0.5), top: 3, pinned: [7] })
    const { width, rgba } = made!.pixels
    expect(rgba.length).toBe(4 * width * width)
    expect(made!.before.top).toHaveLength(3)
    expect(made!.after.pinned[0]).toMatchObject({ index: 7 })
    // Whatever leads before or after has a value on both sides.
    const followed = (side: NonNullable<typeof made>['before']) => side.pinned.map(({ index }) => index)
    expect(followed(made!.before)).toEqual(followed(made!.after))
    expect(followed(made!.before)).toEqual(
      expect.arrayContaining([...made!.before.top, ...made!.after.top].map(({ index }) => index)),
    )
    expect(made!.after.top[0]!.logit).toBeGreaterThanOrEqual(made!.after.top[1]!.logit)
    expect(made!.notes).toEqual([])
    const outside = await engine.call('patch.compose', { model, composition: composition(4), top: 3, pinned: [] })
    expect(outside!.notes).toEqual([expect.stringMatching(/nothing of patch\.png is seen: it lies wholly outside/)])
    expect(outside!.after).toEqual({ ...outside!.before })
    // The file is what the pixels are.
    const file = join(folder, 'made.png')
    await engine.call('patch.export', { model, composition: composition(0.5), resolution: 'input', file })
    const raw = await sharp(file).ensureAlpha().raw().toBuffer()
    expect(Buffer.compare(raw, Buffer.from(rgba))).toBe(0)
    await engine.call('patch.export', { model, composition: composition(0.5), resolution: 'full', file })
    expect(await sharp(file).metadata()).toMatchObject({ width: 48, height: 40 })
  })

  test('of many in a row the last one is computed, and the ones in between are skipped', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, k) =>
        engine.call('patch.compose', { model, composition: composition(k / 12), top: 1, pinned: [] }),
      ),
    )
    expect(results.at(-1)).not.toBeNull()
    expect(results.filter(each => each === null).length).toBeGreaterThanOrEqual(9)
    // Another window's calls are its own.
    const [one, other] = await Promise.all([
      engine.call('patch.compose', { model, composition: composition(0.1), top: 1, pinned: [] }),
      engine
        .call('project.open', { file: join(folder, 'lab.portolan') }, 2)
        .then(() => engine.call('patch.compose', { model, composition: composition(0.2), top: 1, pinned: [] }, 2)),
    ])
    expect([one, other]).not.toContain(null)
  })

  test('reports where on a map the covered units have moved', async () => {
    const { job } = await engine.call('atlas.build', smallPlan({ model, layers: ['mixed3b'] }))
    expect(await engine.ended(job)).toMatchObject({ state: 'done' })
    const [atlas] = await engine.call('atlas.list', {})
    const [map] = (await engine.call('patch.moved', {
      model,
      composition: composition(0.5, 0.6),
      atlases: [atlas!.id],
    }))!
    expect(map).toMatchObject({ atlas: atlas!.id, layer: 'mixed3b' })
    expect(map!.covered).toBeGreaterThan(0)
    expect(map!.covered).toBeLessThan(map!.units)
    expect(map!.moved.length).toBe(Math.min(16, map!.covered))
    expect(map!.moved.some(({ change }) => change > 0.001)).toBe(true)
    const still = (await engine.call('patch.moved', {
      model,
      composition: { image: 1, patches: [] },
      atlases: [atlas!.id],
    }))!
    expect(still[0]).toMatchObject({ covered: 0, moved: [] })
  })
})

/** A figure in every format. @returns the last one, the PNG */
async function drawn(figure: Input<'view.draw'>['figure']): Promise<Output<'view.draw'>> {
  const { width, height } = await engine.call('view.size', { figure })
  const given = { figure, millimetres: 90, dpi: 300 } as const
  const svg = Buffer.from((await engine.call('view.draw', { ...given, format: 'svg' })).bytes).toString()
  expect(svg).toContain('width="90mm"')
  // Counts of what it is made of.
  expect(svg).toMatch(/\d+ of \d+/)
  const pdf = Buffer.from((await engine.call('view.draw', { ...given, format: 'pdf' })).bytes)
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  const png = await engine.call('view.draw', { ...given, format: 'png' })
  const found = await sharp(png.bytes).metadata()
  const across = (90 / 25.4) * 300
  expect(found.density).toBe(300)
  expect(Math.abs(found.width - across)).toBeLessThan(2)
  expect(Math.abs(found.height / found.width - height / width)).toBeLessThan(0.01)
  return png
}

test('a composition and a photograph are figures with their values', async () => {
  const figure = { kind: 'composition', model, composition: composition(0.5), source, target: 3 } as const
  const svg = Buffer.from((await engine.call('view.draw', { figure, format: 'svg', millimetres: 90, dpi: 300 })).bytes)
  for (const text of ['Photograph', 'With patch', 'thing 3', 'resized with Lanczos'])
    expect(svg.toString()).toContain(text)
  const { csv } = await engine.call('view.table', { figure })
  const reply = await engine.call('patch.compose', { model, composition: composition(0.5), top: 1, pinned: [3] })
  const line = csv.split('\r\n').find(row => row.startsWith('3,'))!
  expect(Number(line.split(',')[3])).toBeCloseTo(reply!.after.pinned[0]!.probability, 6)

  const layer = (await engine.call('models.list', {}))[0]!.layers.at(-1)!.name
  const image = { kind: 'image', model, image: 1, layer, preset: 'draft', seed: 0, class: 3 } as const
  await drawn(image)
  const { values, height, width } = await engine.call('photograph.attribution', { model, image: 1, layer, class: 3 })
  expect(values).toHaveLength(height * width)
  // The map has what one position has of all classes.
  const at = { model, image: 1, layer, row: 1, column: 0, classes: 10, atlas: null }
  const position = await engine.call('photograph.position', at)
  const own = [...position.for, ...position.against].find(({ index }) => index === 3)
  expect(values[width]!).toBeCloseTo(own?.value ?? 0, 5)
  await expect(engine.call('photograph.attribution', { model, image: 1, layer, class: 99 })).rejects.toThrow(
    /no class 99/,
  )
})

describe('sweeps and experiments', () => {
  test('run as jobs, and are listed, opened, exported and removed', async () => {
    const target = source === 3 ? 4 : 3
    const swept = await engine.call('sweep.start', {
      model,
      image: 1,
      patch: patch.id,
      look,
      source,
      target,
      sizes: [0, 0.3],
      positions: 2,
    })
    expect(await engine.ended(swept.job)).toMatchObject({ state: 'done', kind: 'patch sweep' })
    expect(await engine.call('sweep.get', { sweep: swept.sweep })).toMatchObject({ done: 8, total: 8 })
    expect(await engine.call('sweep.list', {})).toHaveLength(1)
    const figure = { kind: 'sweep', sweep: swept.sweep, followed: 0 } as const
    await drawn(figure)
    const [head, ...rows] = (await engine.call('view.table', { figure })).csv.trimEnd().split('\r\n')
    expect(head).toMatch(/^size,row,column,x,y,winner,/)
    expect(rows).toHaveLength(8)
    await engine.call('sweep.remove', { sweep: swept.sweep })
    await expect(engine.call('sweep.get', { sweep: swept.sweep })).rejects.toThrow(/there is no sweep/)

    const plan = {
      name: 'colours',
      models: [model],
      source,
      target,
      population: 'top5' as const,
      folders: null,
      patches: [patch.id],
      look,
      sizes: [0.3, 0.6],
      positions: { kind: 'corners' as const },
      controls: { noise: 1, mean: true, shuffled: 3 },
      seed: 0,
    }
    expect(await engine.call('experiment.estimate', plan)).toMatchObject({
      photographs: 12,
      labelled: 0,
      perPhotograph: 4 * 8,
    })
    const { job, experiment } = await engine.call('experiment.start', plan)
    await expect(engine.call('experiment.remove', { experiment })).rejects.toThrow(
      /is still running \(job \d+\): cancel it/,
    )
    expect((await engine.call('experiment.start', plan)).job).toBe(job)
    expect(await engine.ended(job)).toMatchObject({ state: 'done', kind: 'patch experiment' })
    const { models, experiment: summary } = await engine.call('experiment.result', { experiment })
    expect(summary.done).toBe(models[0]!.population * 32)
    const { trials } = await engine.call('experiment.trials', {
      experiment,
      model: null,
      patch: patch.id,
      image: null,
      flipped: false,
      order: 'target',
      offset: 0,
      limit: 1,
    })
    // Opened in the editor, a trial has the prediction that was stored.
    const opened = await engine.call('patch.compose', {
      model,
      composition: trials[0]!.composition,
      top: 1,
      pinned: [target],
    })
    expect(opened!.after.pinned[0]!.probability).toBeCloseTo(trials[0]!.targetProbability, 4)
    await engine.call('patch.rename', { patch: patch.id, name: 'שלום' })
    for (const format of ['csv', 'json'] as const) {
      const file = join(folder, `e.${format}`)
      const written = await engine.call('experiment.export', { experiment, format, file })
      expect(written.bytes).toBeGreaterThan(100)
      expect(existsSync(file)).toBe(true)
    }
    const plate = await drawn({ kind: 'experiment', experiment })
    // Hebrew runs from right to left, which a plate cannot set.
    expect(plate.unset).toContain('"שלום"')
    await expect(
      engine.call('experiment.export', { experiment, format: 'csv', file: join(folder, 'e.csv', 'where.csv') }),
    ).rejects.toThrow(/cannot write .*where\.csv/)
    await expect(engine.call('experiment.start', { ...plan, target: source })).rejects.toThrow(/the same class/)
    expect(await engine.call('experiment.list', {})).toMatchObject([{ id: experiment }])
    await engine.call('experiment.remove', { experiment })
    expect(await engine.call('experiment.list', {})).toEqual([])
  })
})
