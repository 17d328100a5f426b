import { create } from 'zustand'
import type { Output } from '../../electron/contract/calls.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import type { ViewId } from '../../electron/contract/views.ts'
import { HOME, type View } from '../atlas/camera.ts'
import type { LookMode, LookSign } from '../atlas/look.ts'
import { History } from './history.ts'
import { client } from './queries.ts'

/** How attribution colours the icons of one pane, or stability fades them: never both. */
export interface ClassFilter {
  readonly mode: Exclude<LookMode, 'plain'>
  /** `both` only as heat: neither opacity nor hue shows a sign. */
  readonly sign: LookSign
  readonly classes: readonly number[]
  /** Whether the icons of less stable cells are fainter. */
  readonly stability: boolean
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
  /** Panes share the camera, and those of the same model filter and display too. */
  readonly linked: boolean
  readonly labels: boolean
  readonly minimap: boolean
  readonly classesOpen: boolean
  readonly inspectorOpen: boolean
  /** Photographs of the filtered class below the panes. */
  readonly photographsOpen: boolean
  /** The table of the active pane's cells, below the panes. */
  readonly tableOpen: boolean
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
const NO_FILTER: ClassFilter = { mode: 'heat', sign: 'for', classes: [], stability: false }
/** A pane as it is before anything is changed. */
export const pane = (id: number, atlas: number | null): PaneState => ({
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
  tableOpen: false,
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
    // A pane that was added since has the filter of those that it is linked to.
    panes: state.panes.map(p => {
      const known = [p.id, ...linkedTo(p.id)].find(id => filters.has(id))
      return { ...p, filter: known === undefined ? p.filter : filters.get(known)! }
    }),
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

/** Changes a pane; how cells are drawn also changes in the panes that are linked to it. */
export function changePane(id: number, part: Partial<Omit<PaneState, 'id' | 'filter'>>): void {
  const { atlas, grid, ...display } = part
  const linked = linkedTo(id)
  // With another atlas, the grid is a property of that atlas.
  const shared = (p: PaneState) => (atlas === undefined && grid !== undefined && hasGrid(p, grid) ? { grid } : {})
  set(state => ({
    panes: state.panes.map(p => {
      if (p.id === id) return { ...p, ...part }
      return linked.has(p.id) ? { ...p, ...display, ...shared(p) } : p
    }),
  }))
}

/** Changes the filter of a pane and of those that are linked to it. */
export function changeFilter(id: number, part: Partial<ClassFilter>): void {
  const linked = linkedTo(id)
  set(state => ({
    panes: state.panes.map(p => (linked.has(p.id) ? { ...p, filter: consistent({ ...p.filter, ...part }, part) } : p)),
  }))
  remember()
}

/** @param part what was changed: the other part gives way */
function consistent(filter: ClassFilter, part: Partial<ClassFilter>): ClassFilter {
  const one = part.stability
    ? { ...filter, classes: [] }
    : part.classes?.length
      ? { ...filter, stability: false }
      : filter
  if (one.sign !== 'both' || one.mode === 'heat') return one
  return part.sign === 'both' && one.classes.length < 2 ? { ...one, mode: 'heat' } : { ...one, sign: 'for' }
}

const atlases = (): Output<'atlas.list'> => client.getQueryData<Output<'atlas.list'>>(['atlas.list', {}]) ?? []
const atlasOf = ({ atlas }: PaneState): Output<'atlas.list'>[number] | undefined =>
  atlas === null ? atlases()[0] : atlases().find(({ id }) => id === atlas)
const hasGrid = (one: PaneState, grid: number | 'auto'): boolean =>
  grid === 'auto' || (atlasOf(one)?.grids.some(each => each.grid === grid) ?? false)

/** The pane, and while panes are linked those whose atlas is of the same model: classes have the same numbers there. */
function linkedTo(id: number): ReadonlySet<number> {
  const { panes, linked } = get()
  const one = panes.find(p => p.id === id)
  if (!linked || one === undefined) return new Set([id])
  const model = atlasOf(one)?.model
  return new Set(panes.filter(p => p === one || atlasOf(p)?.model === model).map(p => p.id))
}

/** Links all panes, with filter and display of the active one, or unlinks them. */
export function toggleLink(): void {
  set({ linked: !get().linked })
  if (!get().linked) return
  const { id, filter, density, pictures } = activePane()
  changePane(id, { density, pictures })
  changeFilter(id, filter)
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
  const { panes, active, linked, cameras } = get()
  if (panes.length >= MAX_PANES) return
  const id = Math.max(0, ...panes.map(p => p.id)) + 1
  const at = panes.findIndex(p => p.id === active)
  const model = panes[at]
  const fresh = pane(id, atlas ?? model?.atlas ?? null)
  const same = model !== undefined && atlasOf(model)?.model === atlasOf(fresh)?.model
  const added = {
    ...fresh,
    density: model?.density ?? 2,
    ...(linked && same ? { filter: model.filter, pictures: model.pictures } : {}),
  }
  set({
    panes: panes.toSpliced(at + 1, 0, added),
    active: id,
    maximised: null,
    cameras: linked ? { ...cameras, [id]: cameraOf(active) } : cameras,
  })
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
