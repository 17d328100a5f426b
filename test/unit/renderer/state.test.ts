import { beforeEach, describe, expect, it } from 'vitest'
import { columnsFor } from '../../../renderer/atlas/Workspace.tsx'
import { matchClasses } from '../../../renderer/classes/match.ts'
import { History } from '../../../renderer/state/history.ts'
import {
  addPane,
  changeFilter,
  closePane,
  INITIAL,
  redo,
  restore,
  select,
  toggleClass,
  undo,
  useView,
} from '../../../renderer/state/view.ts'
import { bytes, duration } from '../../../renderer/ui/text.ts'

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
  it('tells several classes apart by hue, and one by heat', () => {
    toggleClass(1, 7)
    expect(filter().mode).toBe('heat')
    toggleClass(1, 8)
    expect(filter().mode).toBe('hues')
    toggleClass(1, 8)
    expect(filter()).toEqual({ mode: 'heat', sign: 'for', classes: [7] })
    changeFilter(1, { mode: 'opacity' })
    expect(filter().mode).toBe('opacity')
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
  it('puts what begins so first, then words, then synonyms, and keeps namesakes', () => {
    expect(matchClasses(classes, 'Shark').map(c => c.index)).toEqual([4, 1, 2])
    expect(matchClasses(classes, 'crane').map(c => c.index)).toEqual([0, 3])
    expect(matchClasses(classes, 'n00000003').map(c => c.index)).toEqual([3])
    expect(matchClasses(classes, ' ')).toHaveLength(5)
  })
})

describe('numbers in words', () => {
  it('are said in the unit that one would say', () => {
    expect([duration(0.2), duration(40), duration(600), duration(12_000)]).toEqual([
      '1 s',
      '40 s',
      '10 min',
      '3 h 20 min',
    ])
    expect([bytes(900), bytes(1536), bytes(300 * 2 ** 20)]).toEqual(['900 B', '1.5 KiB', '300 MiB'])
  })
})
