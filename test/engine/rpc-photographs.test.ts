import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { centreOf } from '../../electron/engine/query/crop-tile.ts'
import { photograph } from '../fixtures/images.ts'
import { openSmallProject, type SmallProject } from '../fixtures/small-project.ts'

/** Photographs as the window requests them: those of cells, their predictions and grids, new and replaced ones. */
let small: SmallProject
let engine: SmallProject['engine']
let folder: SmallProject['folder']
let photographs: SmallProject['photographs']
let project: SmallProject['project']
let model: SmallProject['model']
let plan: SmallProject['plan']
let atlas: number
let revision: number

beforeAll(async () => {
  small = await openSmallProject()
  ;({ engine, folder, photographs, project, model, plan } = small)
  const { job } = await engine.call('atlas.build', plan('small'))
  expect(await engine.ended(job)).toMatchObject({ state: 'done', error: null })
  atlas = (await engine.call('atlas.list', {}))[0]!.id
  revision = (await engine.call('atlas.cells', { atlas, grid: 2 })).revision
}, 60_000)

afterAll(() => small.close())

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
