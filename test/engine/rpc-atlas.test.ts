import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tileCells } from '../../electron/contract/pictures.ts'
import { openSmallProject, type SmallProject } from '../fixtures/small-project.ts'

/** An atlas as the window requests it: cells, samples, selections and what they hold. */
let small: SmallProject
let engine: SmallProject['engine']
let project: SmallProject['project']
let plan: SmallProject['plan']

beforeAll(async () => {
  small = await openSmallProject()
  ;({ engine, project, plan } = small)
}, 60_000)

afterAll(() => small.close())

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
})

test('an atlas is removed together with the icons that no other atlas shows', async () => {
  const atlas = (await engine.call('atlas.list', {}))[0]!.id
  const cells = await engine.call('atlas.cells', { atlas, grid: 2 })
  const place = { atlas, grid: 2, i: cells.i[0]!, j: cells.j[0]! }
  const { icon } = await engine.call('cell.detail', { ...place, classes: 1, nearest: 0 })
  const picture = () => engine.picture({ kind: 'icon', project: project.key, key: icon! })
  expect(await picture()).not.toBeNull()
  for (const { id } of await engine.call('atlas.list', {})) await engine.call('atlas.remove', { atlas: id })
  expect(await engine.call('atlas.list', {})).toEqual([])
  expect(await picture()).toBeNull()
})
