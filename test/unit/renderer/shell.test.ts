import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AtlasPlan, type AtlasSummary } from '../../../electron/contract/atlas.ts'
import { type Place, parsePlace, placeUrl } from '../../../electron/contract/links.ts'
import { sortDropped } from '../../../renderer/app/drops.ts'
import { keysText, matches } from '../../../renderer/app/keys.ts'
import { defaultForm, defaultSamples, missing, planOf, positionsText } from '../../../renderer/app/plan.ts'
import { keysOf } from '../../../renderer/app/Shortcuts.tsx'
import { outlines } from '../../../renderer/atlas/outlines.ts'
import { captionOf } from '../../../renderer/export/panes.ts'

describe('shortcuts', () => {
  const press = (key: string, more: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...more,
  })
  it('distinguish what differs in a modifier', () => {
    expect(matches(press('z', { ctrlKey: true }), 'Mod+Z')).toBe(true)
    expect(matches(press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+Z')).toBe(false)
    expect(matches(press('Z', { metaKey: true, shiftKey: true }), 'Mod+Shift+Z')).toBe(true)
    expect(matches(press('z'), 'Mod+Z')).toBe(false)
    expect(matches(press('z', { ctrlKey: true, altKey: true }), 'Mod+Z')).toBe(false)
    expect(matches(press('+', { shiftKey: true }), '+')).toBe(true)
    expect(matches(press(',', { ctrlKey: true }), 'Mod+,')).toBe(true)
  })
  it('are listed once for each command, with all of its keys', () => {
    for (const group of ['Views', 'Project', 'Map', 'Edit', 'Window'] as const) {
      const texts = keysOf(group).map(([text]) => text)
      expect(new Set(texts).size).toBe(texts.length)
    }
    expect(keysOf('Edit').find(([text]) => text === 'Redo')?.[1]).toEqual(['Mod+Shift+Z', 'Mod+Y'])
  })
  it('are written as the platform writes them', () => {
    expect(keysText('Mod+Shift+C', false)).toBe('Ctrl Shift C')
    expect(keysText('Mod+Shift+C', true)).toBe('⇧⌘C')
    expect(keysText('F1', true)).toBe('F1')
  })
})

describe('links', () => {
  const id = fc.integer({ min: 1, max: 1e6 })
  const project = fc.stringMatching(/^[0-9a-f]{16}$/)
  const unit = fc.integer({ min: 0, max: 1e5 }).map(n => n / 1e5)
  const line = fc.integer({ min: 0, max: 4095 })
  const place: fc.Arbitrary<Place> = fc.oneof(
    fc.record({
      kind: fc.constant('cell' as const),
      project,
      cell: fc.record({ atlas: id, grid: fc.integer({ min: 1, max: 4096 }), i: line, j: line }),
    }),
    fc.record({
      kind: fc.constant('view' as const),
      project,
      atlas: id,
      x: unit,
      y: unit,
      zoom: fc.integer({ min: 1, max: 96e5 }).map(n => n / 1e5),
    }),
    fc.record({
      kind: fc.constant('panes' as const),
      project,
      panes: fc.string({ unit: fc.constantFrom(...'aZ09-_'), minLength: 1, maxLength: 200 }),
    }),
  )
  it('lead to the place that they were made for', () => {
    fc.assert(
      fc.property(place, given => {
        expect(parsePlace(placeUrl(given))).toEqual(given)
      }),
    )
  })
  it('are refused in any other form', () => {
    for (const text of [
      '',
      'portolan://open/0123456789abcdef/atlas/0/20/1,2',
      'portolan://open/0123456789abcdef/atlas/3?at=2,0.5,1',
      'portolan://open/0123456789abcdef/atlas/3?at=0.5,0.5,0',
      'portolan://open/../atlas/3/20/1,2',
      'portolan://open/0123456789abcdef/panes/',
      'portolan://open/0123456789abcdef/panes/a=b',
      'https://open/0123456789abcdef/atlas/3/20/1,2',
    ])
      expect(parsePlace(text), text).toBeUndefined()
  })
})

describe('dropped files', () => {
  const item = (name: string, more: object = {}) => ({ name, path: `/at/${name}`, folder: false, type: '', ...more })
  it('are sorted by type, and by whether they have a path', () => {
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
    const sorted = sortDropped([
      item('a.JPG'),
      item('net.onnx'),
      item('p.portolan'),
      item('holiday.jpg', { folder: true }),
      item('from a page', { path: '', type: 'image/png' }),
      item('net.onnx', { path: '' }),
      item('notes.txt'),
    ])
    expect(names(sorted.photographs)).toEqual(['a.JPG'])
    expect(names(sorted.models)).toEqual(['net.onnx'])
    expect(names(sorted.projects)).toEqual(['p.portolan'])
    expect(names(sorted.folders)).toEqual(['holiday.jpg'])
    expect(names(sorted.pictures)).toEqual(['from a page'])
    expect(names(sorted.unknown)).toEqual(['net.onnx', 'notes.txt'])
  })
})

describe('outlines', () => {
  it('draw the hovered cell last, and cells with more linked samples more strongly', () => {
    const cells = { grid: 10, i: Uint16Array.of(1, 2), j: Uint16Array.of(3, 4) } as never
    const linked = {
      atlas: 1,
      grid: 10,
      cells: Uint32Array.of(0, 1),
      counts: Uint32Array.of(10, 1),
      hidden: 0,
      aligned: true,
    }
    const cell = { atlas: 1, grid: 10, i: 5, j: 6 }
    const list = outlines({ cells, linked, selected: [cell], hovered: cell, noted: [] })
    expect(list.map(f => [f.x, f.y])).toEqual([
      [0.3, 0.1],
      [0.4, 0.2],
      [0.6, 0.5],
      [0.6, 0.5],
    ])
    expect(list[0]!.opacity).toBeGreaterThan(list[1]!.opacity)
    expect(list.at(-1)!.colour).toEqual([255, 255, 255])
  })
})

describe('the plan of an atlas', () => {
  const model = { hash: '0'.repeat(64), layers: [{ name: 'mixed3b' }, { name: 'mixed4c' }] } as never
  const folder = {
    id: 3,
    name: 'f',
    path: '/f',
    available: true,
    images: 10,
    classes: null,
    attribution: null,
    used: null,
    classless: [],
    licenses: [],
    unreadable: [],
  }
  it('states in order what is missing, and is none until nothing is', () => {
    const form = defaultForm(model, [folder])
    expect(missing(form, undefined, [])).toContain('Add a model')
    expect(missing(form, model, [])).toContain('Add a folder')
    const moved = { ...folder, id: 4, name: 'moved', available: false }
    expect(missing(form, model, [moved])).toContain('folder moved')
    expect(missing({ ...form, folders: [] }, model, [folder])).toContain('at least one folder')
    expect(missing({ ...form, layers: [] }, model, [folder])).toContain('layer')
    expect(missing({ ...form, grids: 'many' }, model, [folder])).toContain('grid')
    expect(planOf({ ...form, grids: 'many' }, model, [folder])).toBeNull()
    const tsne = { ...form, method: 'tsne' as const }
    expect(missing({ ...tsne, samples: 150_000 }, model, [folder])).toBeUndefined()
    expect(missing({ ...tsne, samples: 150_001 }, model, [folder])).toContain('at most 150,000 samples')
    expect(missing({ ...form, samples: 1_000_000 }, model, [folder])).toBeUndefined()
    const several = { ...form, layers: ['mixed3b', 'mixed4c'], align: true }
    expect(AtlasPlan.parse(planOf(several, model, [folder])).align).toBe(true)
    // Where they cannot be aligned, they are not.
    expect(planOf({ ...several, method: 'tsne' }, model, [folder])).not.toHaveProperty('align')
    expect(planOf({ ...several, layers: ['mixed4c'] }, model, [folder])).not.toHaveProperty('align')
    expect(AtlasPlan.safeParse({ ...planOf(several, model, [folder]), method: 'tsne' }).success).toBe(false)
    expect(missing(form, model, [folder])).toBeUndefined()
  })
  it('is of the folders that are there and were chosen: one that is not found holds up no build', () => {
    const [other, moved] = [
      { ...folder, id: 4, images: 7 },
      { ...folder, id: 5, name: 'moved', available: false },
    ]
    const all = [folder, other, moved]
    const form = defaultForm(model, all)
    expect(form).toMatchObject({ folders: [3, 4], samples: 25 * 17 })
    expect(missing(form, model, all)).toBeUndefined()
    expect(AtlasPlan.parse(planOf(form, model, all)).folders).toEqual([3, 4])
    expect(planOf({ ...form, folders: [4, 5] }, model, all)!.folders).toEqual([4])
    expect(missing({ ...form, folders: [5] }, model, all)).toContain('at least one folder')
  })
  it('states how many positions are taken of each photograph: whole numbers, and no more than there are', () => {
    expect(positionsText(2_000, 1_500)).toBe('2 positions in each of 1,500 photographs.')
    expect(positionsText(1, 1)).toBe('1 position in each of 1 photograph.')
    expect(positionsText(20_000, 12)).toBe('300: 25 positions in each of 12 photographs, the most that are taken.')
  })
  it('is what the contract takes, with grids ascending and steps only where requested', () => {
    const form = defaultForm(model, [folder])
    expect(form.layers).toEqual(['mixed4c'])
    const plan = AtlasPlan.parse(planOf({ ...form, grids: '40, 10 20,10' }, model, [folder]))
    expect(plan.grids).toEqual([10, 20, 40])
    expect(AtlasPlan.parse(planOf({ ...form, grids: ' Auto' }, model, [folder])).grids).toBe('auto')
    expect(plan.folders).toEqual([3])
    expect('steps' in plan).toBe(false)
    expect(AtlasPlan.parse(planOf({ ...form, steps: '64' }, model, [folder])).steps).toBe(64)
    expect('start' in plan).toBe(false)
    expect(AtlasPlan.parse(planOf({ ...form, start: 'photographs' }, model, [folder])).start).toBe('photographs')
  })
  it.each([
    [0, 1, '10, 20'],
    [12, 300, '10, 20'],
    [100, 2_000, '10, 20'],
    [1_000, 3_000, '10, 20'],
    [6_000, 18_000, '10, 20, 40'],
    [1_000_000, 20_000, '10, 20, 40'],
  ])('proposes for %i photographs %i samples on grids of %s', (photographs, samples, grids) => {
    expect(defaultSamples(photographs)).toBe(samples)
    expect(defaultForm(model, [{ ...folder, images: photographs }])).toMatchObject({ samples, grids })
  })
})

describe('the caption of a figure', () => {
  const atlas: AtlasSummary = {
    id: 1,
    name: 'all',
    layer: 'mixed4d',
    model: '0'.repeat(64),
    modelName: 'GoogLeNet',
    samples: 20_000,
    photographs: 20_000,
    coverage: null,
    method: 'umap',
    preset: 'atlas',
    seed: 7,
    start: 'noise' as const,
    createdAt: 0,
    quality: null,
    layout: 'aa',
    layoutSeed: 0,
    aligned: null,
    stability: null,
    outdated: null,
    grids: [{ grid: 20, shown: 210, total: 240, samplesShown: 19_500, finished: 210 }],
  }
  it('states what is shown of what, and how to reproduce it', () => {
    expect(captionOf(atlas, 20, ['positive attribution: wok'])).toBe(
      'mixed4d of GoogLeNet: 19,500 of 20,000 samples in 210 of 240 cells at 20 × 20; layout umap; icons atlas, seed 7; positive attribution: wok',
    )
    expect(captionOf({ ...atlas, start: 'photographs' }, 20)).toMatch(/icons atlas, started from photographs, seed 7$/)
  })
})
