import { beforeEach, describe, expect, it } from 'vitest'
import type { AtlasSummary } from '../../../electron/contract/atlas.ts'
import {
  decodeView,
  encodeView,
  loadView,
  newestOfLayers,
  spread,
  writeView,
} from '../../../renderer/app/saved-view.ts'
import { columnsFor } from '../../../renderer/atlas/Workspace.tsx'
import { listedClasses, matchClasses, strongestOf } from '../../../renderer/classes/match.ts'
import { History } from '../../../renderer/state/history.ts'
import { client } from '../../../renderer/state/queries.ts'
import {
  activate,
  addPane,
  changeFilter,
  changePane,
  closePane,
  INITIAL,
  type PaneState,
  pane,
  redo,
  restore,
  select,
  show,
  toggleClass,
  toggleLink,
  undo,
  useView,
} from '../../../renderer/state/view.ts'
import { bytes, duration } from '../../../renderer/ui/text.ts'

const syntheticAtlas: AtlasSummary = {
  id: 1,
  name: 'an atlas',
  layer: 'mixed4c',
  model: 'a',
  modelName: 'a network',
  samples: 100,
  photographs: 100,
  coverage: null,
  method: 'umap',
  quality: null,
  layout: 'aa',
  layoutSeed: 0,
  aligned: null,
  stability: null,
  preset: 'atlas',
  seed: 0,
  start: 'noise' as const,
  createdAt: 0,
  outdated: null,
  grids: [{ grid: 10, shown: 10, total: 12, samplesShown: 90, finished: 10 }],
}

beforeEach(() => restore(INITIAL))
const filter = () => useView.getState().panes[0]!.filter

describe('history', () => {
  it('goes back and forth, and forgets the future when something new is done', () => {
    const history = new History(0)
    history.push(1)
    history.push(1)
    history.push(2)
    expect([history.undo(), history.undo(), history.undo()]).toEqual([1, 0, undefined])
    expect(history.redo()).toBe(1)
    history.push(9)
    expect(history.redo()).toBeUndefined()
    expect(history.undo()).toBe(1)
  })
})

describe('the view', () => {
  it('undoes filters and selections, one step each, and leaves panes alone', () => {
    toggleClass(1, 7)
    select({ pane: 1, cells: [{ atlas: 1, grid: 10, i: 2, j: 3 }] })
    addPane()
    undo()
    expect(useView.getState().selection).toBeNull()
    expect(filter().classes).toEqual([7])
    undo()
    expect(filter().classes).toEqual([])
    redo()
    expect(filter().classes).toEqual([7])
    expect(useView.getState().panes).toHaveLength(2)
  })
  it('distinguishes several classes by hue, and shows one by heat', () => {
    toggleClass(1, 7)
    expect(filter().mode).toBe('heat')
    toggleClass(1, 8)
    expect(filter().mode).toBe('hues')
    toggleClass(1, 8)
    expect(filter()).toEqual({ mode: 'heat', sign: 'for', classes: [7], stability: false })
    changeFilter(1, { mode: 'opacity' })
    expect(filter().mode).toBe('opacity')
  })
  it('shares filter, display and grid among linked panes of one model, also with a new pane', () => {
    const atlas = (id: number, model: string, grids: readonly number[]) => ({
      ...syntheticAtlas,
      id,
      model,
      grids: grids.map(grid => ({ ...syntheticAtlas.grids[0]!, grid })),
    })
    const list = [atlas(1, 'a', [10, 20]), atlas(2, 'a', [10]), atlas(3, 'b', [10, 20])]
    client.setQueryData(['atlas.list', {}], list)
    restore({ panes: list.map(({ id }) => pane(id, id)), linked: true, cameras: { 1: { x: 0.2, y: 0.3, zoom: 4 } } })
    const of = (get: (one: PaneState) => unknown) => useView.getState().panes.map(get)
    toggleClass(1, 7)
    expect(of(p => p.filter.classes)).toEqual([[7], [7], []])
    changePane(1, { grid: 20, pictures: 'crops' })
    expect(of(p => [p.grid, p.pictures])).toEqual([
      [20, 'crops'],
      ['auto', 'crops'],
      ['auto', 'icons'],
    ])
    addPane(2)
    expect(useView.getState().cameras[4]).toEqual({ x: 0.2, y: 0.3, zoom: 4 })
    expect(of(p => p.filter.classes)).toEqual([[7], [7], [7], []])
    undo()
    expect(of(p => p.filter.classes)).toEqual([[], [], [], []])
    toggleLink()
    toggleClass(1, 9)
    expect(of(p => p.filter.classes)).toEqual([[9], [], [], []])
    activate(1)
    toggleLink()
    expect(of(p => p.filter.classes)).toEqual([[9], [9], [9], []])
    client.clear()
  })
  it('shades by stability or colours by classes, the last that was chosen, and undoes it', () => {
    toggleClass(1, 7)
    changeFilter(1, { stability: true })
    expect(filter()).toMatchObject({ classes: [], stability: true })
    changeFilter(1, { mode: 'opacity' })
    expect(filter().stability).toBe(true)
    undo()
    undo()
    expect(filter()).toMatchObject({ classes: [7], stability: false })
    changeFilter(1, { stability: true })
    toggleClass(1, 8)
    expect(filter()).toMatchObject({ classes: [8], stability: false })
  })
  it('shows both signs only as heat', () => {
    toggleClass(1, 7)
    changeFilter(1, { mode: 'opacity' })
    changeFilter(1, { sign: 'both' })
    expect(filter()).toMatchObject({ mode: 'heat', sign: 'both' })
    changeFilter(1, { mode: 'opacity' })
    expect(filter()).toMatchObject({ mode: 'opacity', sign: 'for' })
    changeFilter(1, { sign: 'both' })
    toggleClass(1, 8)
    expect(filter()).toMatchObject({ mode: 'hues', sign: 'for' })
    changeFilter(1, { sign: 'both' })
    expect(filter()).toMatchObject({ mode: 'hues', sign: 'for' })
  })
  it('is kept by a link, with filter, selection and cameras', () => {
    toggleClass(1, 7)
    select({ pane: 1, cells: [{ atlas: 1, grid: 10, i: 2, j: 3 }] })
    const state = { ...useView.getState(), cameras: { 1: { x: 0.25, y: 0.5, zoom: 3 } } }
    const decoded = decodeView(encodeView(state))
    expect(decoded).toMatchObject({ panes: state.panes, selection: state.selection, cameras: state.cameras })
    expect(decodeView('eyJ2')).toBeUndefined()
    expect(decodeView(encodeView(state).slice(4))).toBeUndefined()
  })
  it('opens with layers from early to late, the newest atlas of each', () => {
    const atlas = (id: number, layer: string, outdated: string | null = null, model = 'a') => ({
      ...syntheticAtlas,
      id,
      layer,
      outdated,
      model,
    })
    const list = [
      atlas(1, 'x'),
      atlas(2, 'y'),
      atlas(3, 'x'),
      atlas(4, 'z', 'was made otherwise'),
      atlas(5, 'z', null, 'b'),
    ]
    expect(newestOfLayers(list).map(({ id }) => id)).toEqual([3, 2])
    expect(spread(['a', 'b', 'c', 'd'], 3)).toEqual(['a', 'c', 'd'])
    expect(spread([1, 2], 3)).toEqual([1, 2])
  })
  it('does not leave the section that is opened while the view of a project loads', async () => {
    show('jobs')
    let answer = (_: readonly unknown[]): void => {}
    const call = () => new Promise(resolve => (answer = resolve))
    Object.assign(globalThis, { window: { portolan: { call }, innerWidth: 800 } })
    const loading = loadView()
    expect(useView.getState().section).toBe('atlas')
    show('patch')
    answer([{ name: 'last', value: { ...writeView(INITIAL), panes: [pane(4, 7)], active: 4 } }])
    await loading
    expect(useView.getState()).toMatchObject({ section: 'patch', panes: [{ id: 4, atlas: 7 }], active: 4 })
  })
  it('has one to six panes, and an active one among them', () => {
    for (let k = 0; k < 9; k++) addPane()
    expect(useView.getState().panes).toHaveLength(6)
    for (let k = 0; k < 9; k++) closePane(useView.getState().active)
    const { panes, active } = useView.getState()
    expect(panes).toHaveLength(1)
    expect(panes[0]!.id).toBe(active)
  })
  it('puts panes into at most three columns', () => {
    expect([1, 2, 3, 4, 5, 6].map(columnsFor)).toEqual([1, 2, 3, 2, 3, 3])
  })
})

describe('search among classes', () => {
  const names = ['crane', 'great white shark', 'hammerhead', 'crane', 'shark-fin soup']
  const classes = names.map((name, index) => ({
    index,
    synset: `n0000000${index}`,
    name,
    title: name,
    synonyms: index === 2 ? ['hammerhead shark'] : [],
    photographs: 0,
  }))
  it('puts names that begin with the query first, then words, then synonyms, and keeps namesakes', () => {
    expect(matchClasses(classes, 'Shark').map(c => c.index)).toEqual([4, 1, 2])
    expect(matchClasses(classes, 'crane').map(c => c.index)).toEqual([0, 3])
    expect(matchClasses(classes, 'n00000003').map(c => c.index)).toEqual([3])
    expect(matchClasses(classes, ' ')).toHaveLength(5)
  })
  it('lists those with the largest attribution in the layer first, and a search by itself', () => {
    const strength = strongestOf({
      each: 2,
      index: Int32Array.of(3, 1, 1, -1),
      value: Float32Array.of(2, 0.5, 1.5, 0),
    })
    expect([...strength]).toEqual([
      [3, 2],
      [1, 1.5],
    ])
    expect(listedClasses(classes, '', [4], strength).map(c => c.index)).toEqual([4, 3, 1, 0, 2])
    expect(listedClasses(classes, 'crane', [], strength).map(c => c.index)).toEqual([0, 3])
  })
  it('keeps the chosen ones in sight, whatever is searched for', () => {
    expect(listedClasses(classes, 'crane', [1]).map(c => c.index)).toEqual([1, 0, 3])
    expect(listedClasses(classes, 'crane', [3]).map(c => c.index)).toEqual([3, 0])
    expect(listedClasses(classes, 'no such class', [2]).map(c => c.index)).toEqual([2])
  })
})

describe('numbers in words', () => {
  it('are written in the unit that a reader expects', () => {
    expect([duration(0.2), duration(40), duration(600), duration(12_000)]).toEqual([
      '1 s',
      '40 s',
      '10 min',
      '3 h 20 min',
    ])
    expect([bytes(900), bytes(1536), bytes(300 * 2 ** 20)]).toEqual(['900 B', '1.5 KiB', '300 MiB'])
  })
})
