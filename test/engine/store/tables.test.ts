import { expect, test } from 'vitest'
import { PRESETS } from '../../../electron/contract/presets.ts'
import {
  type AtlasRecord,
  addAtlas,
  findAtlas,
  finishAtlas,
  listAtlases,
  removeAtlas,
} from '../../../electron/engine/store/atlases.ts'
import { type Cell, cellsWithoutIcon, listCells, listGrids, putCells } from '../../../electron/engine/store/cells.ts'
import { checkProject } from '../../../electron/engine/store/check.ts'
import {
  findIcon,
  hasIcon,
  type Icon,
  iconCounts,
  iconsOfGrid,
  putIcons,
  removeUnusedIcons,
} from '../../../electron/engine/store/icons.ts'
import { projectInfo } from '../../../electron/engine/store/info.ts'
import { addLayout, findLayout, findLayoutByName, layoutPositions } from '../../../electron/engine/store/layouts.ts'
import { findMoment, putMoment } from '../../../electron/engine/store/moments.ts'
import {
  addAbsentFolder,
  findImage,
  imagesByHash,
  listFolders,
  listImages,
  markDamaged,
  type Photograph,
  putFolder,
  putPhotographs,
  relinkFolder,
} from '../../../electron/engine/store/photographs.ts'
import {
  appendSamples,
  finishSampleSet,
  removeSampleSet,
  sampleSet,
  samplesAt,
} from '../../../electron/engine/store/samples.ts'
import { listSavedItems, putSavedItem, removeSavedItem } from '../../../electron/engine/store/saved-items.ts'
import type { Writable } from '../../../electron/engine/store/sql.ts'
import { emptySet, markedRows, samplesOf, temporaryProject } from './project.ts'

const layoutOf = (set: number) => ({
  key: 'layout',
  set,
  tensor: 'mixed4c',
  layer: 'mixed4c',
  name: 'default',
  params: { neighbours: 20, minDist: 0.01 },
  seed: 3,
  n: 2,
  trustworthiness: 0.93,
  notes: { neighbours: 'exact' },
})
const cell = (i: number, j: number, count: number, icon: string | null): Cell => ({
  i,
  j,
  count,
  x: 0.25,
  y: 0.75,
  label: icon === null ? null : 281,
  share: icon === null ? null : 0.5,
  top: icon === null ? null : { for: [{ class: 281, mean: 1.5, deviation: 0.5 }], against: [] },
  direction: icon === null ? null : Float32Array.of(i, j, 0.5),
  icon,
})
const icon = (key: string): Icon => ({
  key,
  status: 'ok',
  attempts: 1,
  size: PRESETS.notebook.inversion.size,
  fidelity: 0.7,
  robustFidelity: 0.6,
  objective: 12.5,
  preset: { name: 'preview', ...PRESETS.notebook.inversion },
  seed: 1,
  runtime: 'cpu',
  batch: 32,
  activation: Float32Array.of(0.1, 0.2, 0.3),
  webp: Uint8Array.of(82, 73, 70, 70),
})
const anAtlas = (db: Writable): { readonly set: number; readonly atlas: AtlasRecord } => {
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 3 }])
  appendSamples(db, set.id, 0, samplesOf(image, 2), new Map([['mixed4c', markedRows(0, 2, 3)]]))
  const layout = addLayout(db, layoutOf(set.id), Float32Array.of(0, 0.5, 1, 0.25))
  const atlas = addAtlas(db, {
    key: 'atlas',
    name: 'mixed4c',
    set: set.id,
    tensor: 'mixed4c',
    layer: 'mixed4c',
    layout,
    classifier: null,
    attribution: 'exact',
    whitening: { ridge: 1e-3 },
    preset: { name: 'notebook' },
    created: 5,
  })
  putCells(db, atlas.id, 10, [cell(0, 1, 30, 'a'), cell(2, 0, 1, null)])
  putCells(db, atlas.id, 20, [cell(0, 0, 10, 'a'), cell(0, 3, 21, 'b')])
  return { set: set.id, atlas }
}

test('photographs are kept by folder and path, the unreadable ones with their reason, and move with their folder', () => {
  const db = temporaryProject()
  const id = putFolder(db, '/old/photographs', 'photographs')
  expect(putFolder(db, '/old/photographs', 'photographs')).toBe(id)
  const photographs: Photograph[] = [
    { relative: 'cat/a.jpg', class: 'cat', status: 'ok', hash: 'aa', width: 640, height: 480 },
    { relative: 'b.jpg', class: null, status: 'unreadable', reason: 'ends in the middle' },
  ]
  const ids = putPhotographs(db, id, photographs)
  expect(ids.map(each => findImage(db, each))).toEqual(
    photographs.map((each, at) => ({ ...each, id: ids[at], folder: id, current: true })),
  )
  // Mended and read again, it keeps its id.
  const repaired: Photograph = { relative: 'b.jpg', class: null, status: 'ok', hash: 'aa', width: 1, height: 2 }
  expect(putPhotographs(db, id, [repaired])).toEqual([ids[1]])
  expect(listImages(db, id).map(each => each.relative)).toEqual(['b.jpg', 'cat/a.jpg'])
  expect(imagesByHash(db, 'aa').map(each => each.id)).toEqual(ids)
  relinkFolder(db, id, '/new/photographs')
  const absent = addAbsentFolder(db, 'demo')
  expect(listFolders(db)).toEqual([
    { id, name: 'photographs', path: '/new/photographs' },
    { id: absent, name: 'demo', path: null },
  ])
})

test('a photograph is its bytes: what is replaced keeps its row, and gets its place back when it returns', () => {
  const db = temporaryProject()
  const folder = putFolder(db, '/photographs', 'photographs')
  const ok = (hash: string, relative = 'a.jpg') =>
    ({ relative, class: null, status: 'ok', hash, width: 4, height: 3 }) as const
  const [first] = putPhotographs(db, folder, [ok('aa')])
  const [second] = putPhotographs(db, folder, [ok('bb')])
  expect(second).not.toBe(first)
  expect(listImages(db, folder).map(({ id }) => id)).toEqual([second])
  expect(findImage(db, first!)).toMatchObject({ hash: 'aa', current: false })
  expect(putPhotographs(db, folder, [ok('aa')])).toEqual([first])
  expect(listImages(db, folder).map(({ id }) => id)).toEqual([first])

  // A file that cannot be reached is no evidence about the photograph that was there.
  const away = { relative: 'a.jpg', class: null, status: 'unreadable', reason: 'there is no such file' } as const
  expect(putPhotographs(db, folder, [away])).toEqual([first])
  expect(findImage(db, first!)).toMatchObject({ status: 'ok', hash: 'aa' })

  // Damage is remembered by the bytes: wherever they lie, and only as long as they lie there.
  markDamaged(db, 'aa', 'its picture data are damaged')
  const [copy] = putPhotographs(db, folder, [ok('aa', 'copy.jpg')])
  expect(findImage(db, copy!)).toMatchObject({ status: 'unreadable', reason: 'its picture data are damaged' })
  const [repaired] = putPhotographs(db, folder, [ok('cc')])
  expect(findImage(db, repaired!)).toMatchObject({ status: 'ok', hash: 'cc' })
})

test('a sample set lists its samples by image, and when it is finished', () => {
  const db = temporaryProject()
  const { set, image } = emptySet(db, [{ name: 'mixed4c', channels: 1 }])
  appendSamples(db, set.id, 0, samplesOf(image, 2), new Map([['mixed4c', markedRows(0, 2, 1)]]))
  finishSampleSet(db, set.id, 77)
  expect(sampleSet(db, set.id)).toEqual({ ...set, n: 2, finished: 77 })
  expect([...samplesAt(db, set.id, [0, 1])]).toEqual([
    [0, { image, v: 0, u: 0.5 }],
    [1, { image, v: 0.5, u: 0.5 }],
  ])
})

test('moments and layouts come back as they were', () => {
  const db = temporaryProject()
  const { set } = emptySet(db, [{ name: 'mixed4c', channels: 2 }])
  const moment = {
    n: 9,
    channels: 2,
    fourth: 0.1,
    values: Float64Array.of(Math.PI, 1e-300, -0, 4),
    sums: Float64Array.of(1, 2),
    photographs: 3,
    squares: 0.25,
  }
  putMoment(db, set.id, 'mixed4c', moment)
  expect(findMoment(db, set.id, 'mixed4c')).toEqual(moment)
  expect(findMoment(db, set.id, 'mixed5b')).toBeUndefined()
  const xy = Float32Array.of(0, 0.1, 0.2, 0.3)
  const id = addLayout(db, layoutOf(set.id), xy)
  expect(findLayout(db, 'layout')).toEqual({ ...layoutOf(set.id), tensor: 'mixed4c', id })
  expect(findLayoutByName(db, set.id, 'mixed4c', 'default')?.id).toBe(id)
  expect(layoutPositions(db, id)).toEqual(xy)
})

test('an atlas has its cells grid by grid, awaits icons until they are there, and shares them', () => {
  const db = temporaryProject()
  const { atlas } = anAtlas(db)
  expect(findAtlas(db, 'atlas')).toEqual(atlas)
  expect(listCells(db, atlas.id, 10)).toEqual([cell(0, 1, 30, 'a'), cell(2, 0, 1, null)])
  expect(listGrids(db, atlas.id)).toEqual([
    { grid: 10, cells: 2, samples: 31, shown: 30 },
    { grid: 20, cells: 2, samples: 31, shown: 31 },
  ])
  expect(cellsWithoutIcon(db, atlas.id).map(each => [each.grid, each.icon])).toEqual([
    [10, 'a'],
    [20, 'a'],
    [20, 'b'],
  ])
  putIcons(db, [icon('a')])
  expect(cellsWithoutIcon(db, atlas.id)).toEqual([
    { icon: 'b', direction: Float32Array.of(0, 3, 0.5), grid: 20, i: 0, j: 3, drafted: false },
  ])
  putIcons(db, [{ ...icon('b'), preset: { ...PRESETS.notebook.inversion, draft: true } }])
  expect(cellsWithoutIcon(db, atlas.id)).toMatchObject([{ icon: 'b', drafted: true }])
  expect(iconCounts(db, atlas.id)).toEqual({ awaited: 2, finished: 1 })
  finishAtlas(db, atlas.id, 9)
  expect(checkProject(db.file).faults).toEqual(['finished atlas mixed4c lacks 1 icons'])
  const grey: Icon = { ...icon('b'), status: 'grey', attempts: 3, webp: null, fidelity: null }
  putIcons(db, [grey, icon('unused')])
  expect(checkProject(db.file).faults).toEqual([])
  expect(findIcon(db, 'b')).toEqual(grey)
  expect([...findIcon(db, 'a')!.webp!]).toEqual([82, 73, 70, 70])
  expect(iconsOfGrid(db, atlas.id, 20).map(each => [each.key, each.status])).toEqual([
    ['a', 'ok'],
    ['b', 'grey'],
  ])
  expect(removeUnusedIcons(db)).toBe(1)
  expect(hasIcon(db, 'unused')).toBe(false)
  expect(listAtlases(db)[0]?.finished).toBe(9)
})

test('what was computed from a sample set or a layout goes with it', () => {
  const db = temporaryProject()
  const { set, atlas } = anAtlas(db)
  removeAtlas(db, atlas.id)
  expect(listCells(db, atlas.id, 10)).toEqual([])
  removeSampleSet(db, set)
  expect(projectInfo(db)).toMatchObject({ sets: [], atlases: [] })
  expect(checkProject(db.file).faults).toEqual([])
})

test('items that the window has saved are found again', () => {
  const db = temporaryProject()
  putSavedItem(db, 'note', 'b', { text: 'same detector?' }, 1)
  putSavedItem(db, 'note', 'a', 'x', 2)
  putSavedItem(db, 'view', 'a', [1, 2], 3)
  putSavedItem(db, 'note', 'b', { text: 'yes' }, 4)
  expect(listSavedItems(db, 'note')).toEqual([
    { name: 'a', value: 'x', updated: 2 },
    { name: 'b', value: { text: 'yes' }, updated: 4 },
  ])
  removeSavedItem(db, 'note', 'a')
  expect(listSavedItems(db, 'note').map(({ name }) => name)).toEqual(['b'])
  expect(listSavedItems(db, 'view')).toEqual([{ name: 'a', value: [1, 2], updated: 3 }])
})

test('the project reports what is in it', () => {
  const db = temporaryProject()
  const { atlas } = anAtlas(db)
  putIcons(db, [icon('a')])
  const info = projectInfo(db)
  expect(info).toMatchObject({
    file: db.file,
    createdBy: 'portolan test',
    writer: { pid: process.pid },
    models: [{ hash: 'model' }],
    folders: [{ path: '/photographs', readable: 1, unreadable: 0 }],
    sets: [{ n: 2, matrices: [{ layer: 'mixed4c', n: 2 }], layouts: [{ name: 'default' }] }],
    atlases: [{ id: atlas.id, grids: [{ grid: 10 }, { grid: 20 }] }],
    icons: [{ status: 'ok', icons: 1 }],
    jobs: [],
  })
  const sizes = new Map(info.tables.map(({ table, rows, bytes }) => [table, { rows, bytes }]))
  expect(sizes.get('activations')).toEqual({ rows: 2, bytes: 2 * 3 * 2 })
  expect(sizes.get('layouts')).toEqual({ rows: 1, bytes: 16 })
  expect(sizes.get('cells')).toEqual({ rows: 4, bytes: 3 * 12 })
  expect(sizes.get('icons')).toEqual({ rows: 1, bytes: 4 })
  expect(info.bytes).toBeGreaterThan(100_000)
})
