import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AtlasPlan } from '../../electron/contract/atlas.ts'
import type { Output } from '../../electron/contract/calls.ts'
import { tileCells } from '../../electron/contract/pictures.ts'
import { centreOf } from '../../electron/engine/query/crop-tile.ts'
import { smallPlan } from '../fixtures/atlas-plan.ts'
import { EngineClient } from '../fixtures/engine-client.ts'
import { photograph } from '../fixtures/images.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'

/** The engine in its own process, with a small network and a few photographs, called as the window calls it. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-rpc-'))
const file = join(folder, 'small.portolan')
const photographs = join(folder, 'photographs')
let engine: EngineClient
let project: Output<'project.open'>
let model: string

beforeAll(async () => {
  await writeNetwork(join(folder, 'net.onnx'))
  await writePhotographs(photographs, 12)
  writeFileSync(join(photographs, 'broken.jpg'), 'no photograph')
  engine = await EngineClient.start(folder)
  project = await engine.call('project.create', { file })
  const added = await engine.call('models.add', { file: join(folder, 'net.onnx') })
  model = added.hash
  const { job } = await engine.call('folder.add', { folder: photographs })
  await engine.ended(job)
}, 60_000)

afterAll(async () => {
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

const plan = (name: string, more: Partial<AtlasPlan> = {}) =>
  smallPlan({ name, model, layers: ['mixed3b'], steps: 4, ...more })

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
      classless: [{ modelName: 'Net', images: 12, hints: '12 in no folder named after a class' }],
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

describe('an atlas', () => {
  let atlas: number
  let revision: number

  beforeAll(async () => {
    const estimate = await engine.call('atlas.estimate', plan('small'))
    expect(estimate.seconds).toBeGreaterThan(0)
    const { job } = await engine.call('atlas.build', plan('small'))
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const [summary] = await engine.call('atlas.list', {})
    atlas = summary!.id
  }, 60_000)

  test('has cells whose samples add up, and every icon has been reported', async () => {
    const [summary] = await engine.call('atlas.list', {})
    const [grid] = summary!.grids
    expect(summary).toMatchObject({ name: 'small', layer: 'mixed3b', samples: 24, method: 'umap', preset: 'draft' })
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    expect(cells.i.length).toBe(grid!.shown)
    expect(cells.count.reduce((a, b) => a + b, 0)).toBe(grid!.samplesShown)
    expect([...cells.state]).toEqual([...cells.state].fill(2))
    revision = cells.revision
    expect(revision).toBe(2 * cells.i.length)
    await engine.event('cells.changed', changed => changed.atlas === atlas && changed.revision === revision)
  })

  test.each(['icons', 'crops'] as const)(
    'has tiles of %s: drawn where a cell is shown, transparent elsewhere',
    async kind => {
      const size = 32
      const place = { kind, project: project.key, atlas, grid: 2, tileI: 0, tileJ: 0, size, revision } as const
      const sheet = await engine.picture(place)
      const { data, info } = await sharp(sheet!.bytes).raw().toBuffer({ resolveWithObject: true })
      expect([info.width, info.height, info.channels]).toEqual([tileCells * size, tileCells * size, 4])
      const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
      const shown = new Set(Array.from(cells.i, (i, n) => `${i} ${cells.j[n]}`))
      for (let i = 0; i < tileCells; i++)
        for (let j = 0; j < tileCells; j++) {
          const alpha = data[4 * ((i * size + 9) * info.width + j * size + 9) + 3]
          expect(alpha).toBe(shown.has(`${i} ${j}`) ? 255 : 0)
        }
      expect(await engine.picture({ ...place, project: '0000000000000000' })).toBeNull()
    },
  )

  test('attributes: cells of all shown samples add up to the values of the details', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const all = await engine.call('atlas.attribution', { atlas, grid: 2, classes: [3, 0] })
    expect([all.known, all.of]).toEqual([24, 24])
    const [i, j] = [cells.i[0]!, cells.j[0]!]
    const detail = await engine.call('cell.detail', { atlas, grid: 2, i, j, classes: 10, nearest: 3 })
    expect(detail.provenance.runtime).toMatch(/^onnxruntime-node [\d.]+ \(cpu\) on .+, \d+ threads?$/)
    const listed = [...detail.for, ...detail.against]
    for (const [at, index] of [3, 0].entries())
      expect(all.values[at * cells.i.length]).toBeCloseTo(listed.find(value => value.index === index)!.value, 4)
  })

  test('names the strongest classes of each cell as its detail does', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const { each, index, value } = await engine.call('atlas.classes', { atlas, grid: 2, each: 3 })
    expect([each, index.length, value.length]).toEqual([3, 3 * cells.i.length, 3 * cells.i.length])
    for (const [k, i] of cells.i.entries()) {
      const detail = await engine.call('cell.detail', { atlas, grid: 2, i, j: cells.j[k]!, classes: 3, nearest: 0 })
      const positive = detail.for.filter(one => one.value > 0)
      const row = [0, 1, 2].map(at => index[3 * k + at]!)
      expect(row).toEqual([0, 1, 2].map(at => positive[at]?.index ?? -1))
      for (const [at, one] of positive.entries()) expect(value[3 * k + at]).toBeCloseTo(one.value, 4)
    }
  })

  test('gives single samples by part of the layout, and finds them by photograph and by class', async () => {
    const whole = { left: 0, top: 0, right: 1, bottom: 1 }
    const find = (given: Partial<Parameters<typeof engine.call<'atlas.samples'>>[1]>) =>
      engine.call('atlas.samples', { atlas, region: whole, text: '', limit: 2000, ...given })
    const all = await find({})
    expect(all.total).toBe(24)
    expect([...all.sample]).toEqual([...Array(24).keys()])
    // Parts that do not overlap hold every sample once.
    const [left, right] = await Promise.all([
      find({ region: { ...whole, right: 0.5 } }),
      find({ region: { ...whole, left: 0.500_001 } }),
    ])
    expect(left.total + right.total).toBe(24)
    expect([...left.x].every(x => x <= 0.5)).toBe(true)
    const some = await find({ limit: 5 })
    expect([some.total, some.sample.length]).toEqual([24, 5])
    // By the photograph's path.
    const photograph = await engine.call('photograph.get', { image: all.image[0]! })
    const file = photograph.file.split('/').at(-1)!
    const named = await find({ text: file.toUpperCase() })
    expect(named.total).toBe([...all.image].filter(image => image === all.image[0]).length)
    expect(new Set(named.image)).toEqual(new Set([all.image[0]]))
    expect((await find({ text: 'no such photograph' })).total).toBe(0)
    const crop = await engine.call('atlas.sample', { atlas, sample: 3 })
    expect(crop).toMatchObject({ sample: 3, image: all.image[3] })
    await expect(engine.call('atlas.sample', { atlas, sample: 24 })).rejects.toThrow(/has no sample 24/)
  })

  test('says how much the samples of each cell differ: the mean of their distances to its direction', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const { spread } = await engine.call('atlas.spread', { atlas, grid: 2 })
    expect(spread).toHaveLength(cells.i.length)
    for (const [k, i] of cells.i.entries()) {
      const place = { atlas, grid: 2, i, j: cells.j[k]! }
      const samples = await engine.call('cell.samples', { ...place, offset: 0, limit: 100 })
      expect(samples).toHaveLength(cells.count[k]!)
      const mean = samples.reduce((sum, { distance }) => sum + distance, 0) / samples.length
      expect(spread[k]).toBeCloseTo(mean, 5)
      expect(mean).toBeGreaterThan(0)
    }
  })

  test('measures how stable its map is, once, and gives every cell its share', async () => {
    const [before] = await engine.call('atlas.list', {})
    expect(before!.stability).toBeNull()
    expect(await engine.call('atlas.stability', { atlas, grid: 2 })).toBeNull()
    const { job } = await engine.call('atlas.measureStability', { atlas })
    // The window finds the job by the layout in its parameters.
    expect((await engine.call('jobs.list', {})).find(({ id }) => id === job)!.params).toMatchObject({
      layout: before!.layout,
    })
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const [after] = await engine.call('atlas.list', {})
    expect(after!.stability).toMatchObject({ seeds: [0, 1, 2], k: 11, chance: 11 / 23 })
    const { kept } = (await engine.call('atlas.stability', { atlas, grid: 2 }))!
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    expect(kept).toHaveLength(cells.i.length)
    const detail = await engine.call('cell.detail', {
      ...{ atlas, grid: 2, i: cells.i[1]!, j: cells.j[1]! },
      classes: 1,
      nearest: 0,
    })
    expect(detail.stability).toBe(kept[1])
  })

  test('sums several cells up: means of all their samples with intervals, photographs, the icon of their mean', async () => {
    const all = await engine.call('atlas.cells', { atlas, grid: 2 })
    const cells = [...all.i.keys()]
    const summary = await engine.call('selection.summary', { atlas, grid: 2, cells, classes: 5, nearest: 4 })
    const samples = all.count.reduce((a, b) => a + b, 0)
    expect(summary).toMatchObject({ cells: cells.length, samples, compared: samples, known: samples })
    expect(summary.photographs).toBeLessThanOrEqual(samples)
    const listed = [...summary.for, ...summary.against]
    const { values } = await engine.call('atlas.attribution', { atlas, grid: 2, classes: listed.map(c => c.index) })
    for (const [at, { value, low, high }] of listed.entries()) {
      const sum = cells.reduce((total, k) => total + values[at * cells.length + k]! * all.count[k]!, 0)
      expect(value).toBeCloseTo(sum / samples, 4)
      if (low !== null && high !== null) expect(low <= value && value <= high).toBe(true)
    }
    expect(summary.for.map(c => c.value)).toEqual(summary.for.map(c => c.value).sort((a, b) => b - a))
    const distances = summary.nearest.map(crop => crop.distance)
    expect(distances).toHaveLength(4)
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
    const one = await engine.call('selection.summary', { atlas, grid: 2, cells: [0], classes: 3, nearest: 0 })
    const detail = await engine.call('cell.detail', {
      atlas,
      grid: 2,
      i: all.i[0]!,
      j: all.j[0]!,
      classes: 3,
      nearest: 0,
    })
    expect(one.for.map(c => c.index)).toEqual(detail.for.filter(c => c.value > 0).map(c => c.index))
    const icon = await engine.call('selection.icon', { atlas, grid: 2, cells, preset: 'draft', seed: 0, size: 64 })
    expect(icon.fidelity).toBeGreaterThan(0)
    await expect(
      engine.call('selection.summary', { atlas, grid: 2, cells: [99], classes: 3, nearest: 0 }),
    ).rejects.toThrow(/no cell number 99; select again/)
  })

  test('leads from a cell to its photographs, nearest first, with the field that its unit sees', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const ref = { atlas, grid: 2, i: cells.i[0]!, j: cells.j[0]! }
    const detail = await engine.call('cell.detail', { ...ref, classes: 5, nearest: 200 })
    expect(detail.nearest.length).toBe(detail.count)
    expect(detail.nearest.every(crop => crop.available)).toBe(true)
    const distances = detail.nearest.map(crop => crop.distance)
    expect(distances).toEqual([...distances].sort((a, b) => a - b))
    for (const { box, v, u } of detail.nearest) {
      expect(box.left <= u && u <= box.right && box.top <= v && v <= box.bottom).toBe(true)
      expect(box.right - box.left).toBeCloseTo(box.bottom - box.top)
    }
    const rest = await engine.call('cell.samples', { ...ref, offset: 1, limit: 2 })
    expect(rest.map(crop => crop.sample)).toEqual(detail.nearest.slice(1, 3).map(crop => crop.sample))
    const { image, box } = detail.nearest[0]!
    const crop = await engine.picture({ kind: 'photo', project: project.key, image, box, size: 64 })
    const { width, height } = await sharp(crop!.bytes).metadata()
    expect(Math.max(width, height)).toBe(64)
  })

  test('makes a region of a photograph in little memory, however far it reaches beyond it', async () => {
    const detail = await engine
      .call('cell.detail', {
        ...{ atlas, grid: 2, i: 0, j: 0, classes: 1, nearest: 1 },
      })
      .catch(() => undefined)
    const image = detail?.nearest[0]?.image ?? 1
    const resident = () => 4096 * Number(readFileSync(`/proc/${engine.child.pid}/statm`, 'latin1').split(' ')[1])
    const before = process.platform === 'linux' ? resident() : 0
    const square = { left: -0.5, top: -0.5, right: 1.5, bottom: 1.5 }
    for (const [box, size] of [
      [{ left: 0, top: 0, right: 1000, bottom: 1000 }, 64],
      [{ left: -499, top: -499, right: 500, bottom: 500 }, 512],
      [{ left: 5, top: 5, right: 6, bottom: 6 }, 64],
      [square, 300],
    ] as const) {
      const picture = await engine.picture({ kind: 'photo', project: project.key, image, box, size })
      const { width, height } = await sharp(picture!.bytes).metadata()
      expect(Math.max(width, height)).toBe(size)
    }
    // A quarter of the square is the photograph, the rest is beyond it.
    const picture = await engine.picture({ kind: 'photo', project: project.key, image, box: square, size: 300 })
    const { data, info } = await sharp(picture!.bytes).raw().toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number) =>
      data[3 * (Math.floor(y * info.height) * info.width + Math.floor(x * info.width))]!
    for (const place of [0.05, 0.95]) expect(Math.abs(at(place, place) - 28)).toBeLessThan(6)
    expect(await engine.picture({ kind: 'photo', project: project.key, image: 99_999, box: null, size: 64 })).toBeNull()
    if (process.platform === 'linux') expect(resident() - before).toBeLessThan(200 * 2 ** 20)
  })

  test('finds for tiles of photographs, in one pass over all cells, the sample that each cell’s detail names first', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const place = {
      kind: 'crops',
      project: project.key,
      atlas,
      grid: 2,
      tileI: 0,
      tileJ: 0,
      size: 32,
      revision,
    } as const
    const sheet = await sharp((await engine.picture(place))!.bytes)
      .raw()
      .toBuffer({ resolveWithObject: true })
    for (const [k, i] of cells.i.entries()) {
      const j = cells.j[k]!
      const { nearest } = await engine.call('cell.detail', { atlas, grid: 2, i, j, classes: 1, nearest: 1 })
      const box = centreOf(nearest[0]!.box)
      const photo = await engine.picture({
        kind: 'photo',
        project: project.key,
        image: nearest[0]!.image,
        box,
        size: 32,
      })
      const whole = await sharp(photo!.bytes).resize(32, 32, { fit: 'fill' }).removeAlpha().raw().toBuffer()
      let off = 0
      for (let y = 0; y < 32; y++)
        for (let x = 0; x < 32; x++)
          for (let c = 0; c < 3; c++)
            off += Math.abs(
              whole[3 * (y * 32 + x) + c]! - sheet.data[4 * ((i * 32 + y) * sheet.info.width + j * 32 + x) + c]!,
            )
      // WebP at 82 moves noise by a few levels; another photograph would be 60 off.
      expect(off / (32 * 32 * 3)).toBeLessThan(25)
    }
  })

  test('shows channels and variants, made when they are requested and then kept', async () => {
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const ref = { atlas, grid: 2, i: cells.i[0]!, j: cells.j[0]! }
    const channels = await engine.call('cell.channels', { ...ref, limit: 2 })
    const direction = await engine.call('cell.direction', ref)
    expect(channels[0]!.value).toBe(Math.max(...direction))
    const variant = await engine.call('cell.variant', { ...ref, preset: 'draft', seed: 5, size: 48 })
    for (const key of [channels[0]!.icon!, variant.icon]) {
      const picture = await engine.picture({ kind: 'icon', project: project.key, key })
      expect((await sharp(picture!.bytes).metadata()).width).toBeGreaterThanOrEqual(32)
    }
    expect(await engine.call('cell.variant', { ...ref, preset: 'draft', seed: 5, size: 48 })).toEqual(variant)
  }, 60_000)

  test('finds the samples of a cell in another atlas of the same samples', async () => {
    const { job } = await engine.call('atlas.build', plan('other', { layers: ['mixed3a'] }))
    expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
    const other = (await engine.call('atlas.list', {})).find(each => each.layer === 'mixed3a')!
    const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
    const there = { atlas: other.id, grid: 2 }
    const [found] = await engine.call('cell.linked', { atlas, grid: 2, cells: [0, 1], others: [there] })
    expect(found!.aligned).toBe(true)
    const followed = found!.counts.reduce((a, b) => a + b, 0) + found!.hidden
    expect(followed).toBe(cells.count[0]! + (cells.count[1] ?? 0))
  }, 60_000)

  test('a photograph is classified, gridded and placed', async () => {
    const { photographs: list, total } = await engine.call('photograph.list', { text: '', offset: 0, limit: 5 })
    expect([list.length, total]).toEqual([5, 12])
    const image = list[0]!.id
    expect(await engine.call('photograph.get', { image })).toEqual(list[0])
    await expect(engine.call('photograph.get', { image: 9999 })).rejects.toThrow('there is no photograph 9999')
    const { probabilities } = await engine.call('photograph.predict', { model, image, limit: 10 })
    expect(probabilities.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1)
    const request = { model, image, layer: 'mixed3b', preset: 'draft', seed: 0 } as const
    const grid = await engine.call('photograph.grid', request)
    expect(grid.icons).toEqual(Array(grid.height * grid.width).fill(null))
    // Requested again while the job is on its way, it is the same job.
    expect((await engine.call('photograph.grid', request)).job).toBe(grid.job)
    expect(await engine.ended(grid.job!)).toMatchObject({ state: 'done', error: null })
    const whole = await engine.call('photograph.grid', request)
    expect([whole.job, whole.icons.includes(null)]).toEqual([null, false])
    const position = await engine.call('photograph.position', { ...request, row: 2, column: 2, classes: 3, atlas })
    expect(position.place!.x).toBeGreaterThanOrEqual(0)
    expect(position.for.length + position.against.length).toBeGreaterThan(0)
  }, 60_000)

  test('opening another photograph cancels the grid of the previous one', async () => {
    const { photographs: list } = await engine.call('photograph.list', { text: '', offset: 0, limit: 5 })
    const [before, after] = [list[1]!.id, list[2]!.id]
    const request = { model, layer: 'mixed3a', seed: 1 } as const
    const long = await engine.call('photograph.grid', { ...request, image: before, preset: 'article' })
    await engine.event('job.progress', progress => progress.job === long.job)
    const next = await engine.call('photograph.grid', { ...request, image: after, preset: 'draft' })
    expect((await engine.ended(long.job!)).state).toBe('cancelled')
    expect(await engine.ended(next.job!)).toMatchObject({ state: 'done', error: null })
  }, 60_000)

  test('a photograph is gridded while an atlas of hours is being built', async () => {
    const { job } = await engine.call('atlas.build', plan('for hours', { steps: 5000, layers: ['mixed3a'] }))
    await engine.event('job.progress', progress => progress.job === job && progress.stage.includes('icons'))
    const { photographs: list } = await engine.call('photograph.list', { text: '', offset: 0, limit: 5 })
    const request = { model, layer: 'mixed3b', seed: 2, preset: 'draft', image: list[3]!.id } as const
    const { job: grid } = await engine.call('photograph.grid', request)
    expect(await engine.ended(grid!)).toMatchObject({ state: 'done', error: null })
    const states = new Map((await engine.call('jobs.list', {})).map(each => [each.id, each.state]))
    expect(states.get(job)).toBe('running')
    await engine.call('jobs.cancel', { job })
    expect((await engine.ended(job)).state).toBe('cancelled')
  }, 60_000)

  test('photographs come from the clipboard and by name, and bad ones are refused', async () => {
    const bytes = Uint8Array.from(await photograph(40, 30, 5).png().toBuffer())
    const pasted = await engine.call('photograph.addBytes', { name: 'from the web.png', bytes })
    expect(pasted).toMatchObject({ width: 40, height: 30, available: true })
    await expect(engine.call('photograph.addBytes', { name: 'x', bytes: Uint8Array.of(1, 2, 3) })).rejects.toThrow(
      'cannot read the pasted picture',
    )
    const broken = join(photographs, 'broken.jpg')
    await expect(engine.call('photograph.add', { files: [broken] })).rejects.toThrow('cannot read')
    // One bad file does not keep out what comes after it.
    const [first, third] = ['first.png', 'third.png'].map(name => join(folder, name))
    for (const [at, file] of [first!, third!].entries())
      await photograph(30, 20, 90 + at)
        .png()
        .toFile(file)
    const { added, refused } = await engine.call('photograph.add', { files: [first!, broken, third!] })
    expect(added.map(({ file }) => file)).toEqual([first, third])
    expect(refused).toMatchObject([{ file: broken }])
  })

  test('another picture in the place of a photograph is never shown or predicted under its name', async () => {
    const file = join(folder, 'replaced.png')
    await photograph(30, 20, 70).png().toFile(file)
    const { added } = await engine.call('photograph.add', { files: [file] })
    const { id: image } = added[0]!
    const place = { kind: 'photo', project: project.key, image, box: null, size: 48 } as const
    await photograph(30, 20, 71).png().toFile(file)
    expect(await engine.call('photograph.get', { image })).toMatchObject({ available: false, changed: true })
    const changed = /it has changed since it was sampled/
    await expect(engine.picture(place)).rejects.toThrow(changed)
    await expect(engine.call('photograph.predict', { model, image, limit: 1 })).rejects.toThrow(changed)
    // As it was before, it is shown.
    await photograph(30, 20, 70).png().toFile(file)
    expect(await engine.call('photograph.get', { image })).toMatchObject({ available: true, changed: false })
    expect((await engine.picture(place))?.type).toBe('image/jpeg')
    expect(await engine.picture({ ...place, image: 999_999 })).toBeNull()
  })
})

test('a window that closes interrupts its job, which another one resumes', async () => {
  const long = plan('long', { steps: 5000, layers: ['mixed3a'] })
  const { job } = await engine.call('atlas.build', long)
  await engine.event('job.progress', progress => progress.job === job && progress.stage.includes('icons'))
  engine.leave(1)
  project = await engine.call('project.open', { file })
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

test('an atlas is removed together with the icons that no other atlas shows', async () => {
  for (const { id } of await engine.call('atlas.list', {})) await engine.call('atlas.remove', { atlas: id })
  expect(await engine.call('atlas.list', {})).toEqual([])
})
