import { create } from 'zustand'
import type { CellRef } from '../../electron/contract/values.ts'
import type { ViewId } from '../../electron/contract/views.ts'
import { HOME, type View } from '../atlas/camera.ts'
import type { LookMode } from '../atlas/look.ts'
import { History } from './history.ts'

/** How attribution colours the icons of one pane. */
export interface ClassFilter {
  readonly mode: Exclude<LookMode, 'plain'>
  readonly sign: 'for' | 'against'
  readonly classes: readonly number[]
}

export interface PaneState {
  readonly id: number
  readonly atlas: number | null
  readonly grid: number | 'auto'
  readonly density: number
  /** The pictures of the cells: icons, or the crop of each cell's nearest sample. */
  readonly pictures: 'icons' | 'crops'
  readonly filter: ClassFilter
}

interface Selection {
  readonly pane: number
  readonly cells: readonly CellRef[]
}

export interface ViewState {
  readonly section: ViewId
  readonly panes: readonly PaneState[]
  readonly active: number
  readonly maximised: number | null
  readonly linked: boolean
  readonly labels: boolean
  readonly minimap: boolean
  readonly classesOpen: boolean
  readonly inspectorOpen: boolean
  /** Photographs of the filtered class below the panes. */
  readonly photographsOpen: boolean
  /** Dragging draws a lasso instead of panning. */
  readonly lasso: boolean
  readonly selection: Selection | null
  /** The camera of each pane once it rests; not part of undo. */
  readonly cameras: Readonly<Record<number, View>>
}

interface Undoable {
  readonly selection: Selection | null
  readonly filters: readonly (readonly [pane: number, filter: ClassFilter])[]
}

export const MAX_PANES = 6
const NO_FILTER: ClassFilter = { mode: 'heat', sign: 'for', classes: [] }
const pane = (id: number, atlas: number | null): PaneState => ({
  id,
  atlas,
  grid: 'auto',
  density: 2,
  pictures: 'icons',
  filter: NO_FILTER,
})

export const INITIAL: ViewState = {
  section: 'atlas',
  panes: [pane(1, null)],
  active: 1,
  maximised: null,
  linked: true,
  labels: true,
  minimap: true,
  classesOpen: false,
  inspectorOpen: true,
  photographsOpen: true,
  lasso: false,
  selection: null,
  cameras: {},
}

export const useView = create<ViewState>(() => INITIAL)
const { getState: get, setState: set } = useView

const undoable = (state: ViewState): Undoable => ({
  selection: state.selection,
  filters: state.panes.map(p => [p.id, p.filter] as const),
})
let history = new History<Undoable>(undoable(INITIAL))
const remember = (): void => history.push(undoable(get()))

function recall(past: Undoable | undefined): void {
  if (past === undefined) return
  const filters = new Map(past.filters)
  set(state => ({
    selection: past.selection,
    panes: state.panes.map(p => ({ ...p, filter: filters.get(p.id) ?? p.filter })),
  }))
}

export function undo(): void {
  recall(history.undo())
}
export function redo(): void {
  recall(history.redo())
}

export function show(section: ViewId): void {
  set({ section })
}
export function change(part: Partial<ViewState>): void {
  set(part)
}
export function activate(active: number): void {
  set({ active })
}

export function changePane(id: number, part: Partial<Omit<PaneState, 'id' | 'filter'>>): void {
  set(state => ({ panes: state.panes.map(p => (p.id === id ? { ...p, ...part } : p)) }))
}

export function changeFilter(id: number, part: Partial<ClassFilter>): void {
  set(state => ({
    panes: state.panes.map(p => (p.id === id ? { ...p, filter: { ...p.filter, ...part } } : p)),
  }))
  remember()
}

/** Adds a class to a pane's filter or removes it; several classes are shown by hue. */
export function toggleClass(id: number, index: number): void {
  const filter = get().panes.find(p => p.id === id)?.filter
  if (!filter) return
  const classes = filter.classes.includes(index)
    ? filter.classes.filter(c => c !== index)
    : [...filter.classes, index].slice(-8)
  const mode = classes.length > 1 ? 'hues' : filter.mode === 'hues' ? 'heat' : filter.mode
  changeFilter(id, { classes, mode })
  if (classes.length > filter.classes.length) set({ photographsOpen: true })
}

export function select(selection: Selection | null): void {
  set({ selection: selection && selection.cells.length > 0 ? selection : null })
  remember()
}

/** Adds a pane beside the active one, with the same atlas unless another is given. */
export function addPane(atlas?: number): void {
  const { panes, active } = get()
  if (panes.length >= MAX_PANES) return
  const id = Math.max(0, ...panes.map(p => p.id)) + 1
  const at = panes.findIndex(p => p.id === active)
  const model = panes[at]
  const added = { ...pane(id, atlas ?? model?.atlas ?? null), density: model?.density ?? 2 }
  set({ panes: panes.toSpliced(at + 1, 0, added), active: id, maximised: null })
}

export function closePane(id: number): void {
  const { panes, active, selection, maximised } = get()
  if (panes.length === 1) return
  const rest = panes.filter(p => p.id !== id)
  set({
    panes: rest,
    active: active === id ? rest[0]!.id : active,
    maximised: maximised === id ? null : maximised,
    selection: selection?.pane === id ? null : selection,
  })
}

export function restore(part: Partial<ViewState>): void {
  set({ ...INITIAL, ...part })
  history = new History(undoable(get()))
}

export function cameraOf(id: number): View {
  return get().cameras[id] ?? HOME
}

/** Moves the camera of a pane. */
export function lookAt(id: number, { x, y, zoom }: View): void {
  set(state => ({ cameras: { ...state.cameras, [id]: { x, y, zoom } } }))
}

export function activePane(): PaneState {
  const { panes, active } = get()
  return panes.find(p => p.id === active) ?? panes[0]!
}

/** The cell under the pointer, shared by all panes and not saved. */
export const useHover = create<{ readonly pane: number; readonly cell: CellRef | null }>(() => ({
  pane: 0,
  cell: null,
}))
