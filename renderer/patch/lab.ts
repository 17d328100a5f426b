import { create } from 'zustand'
import type { Composition, PatchLayer, PatchLook } from '../../electron/contract/patch.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { History } from '../state/history.ts'
import { show } from '../state/view.ts'
import { SIZES, turned } from './geometry.ts'

/** A layer with a name of its own, which it keeps when others come and go. */
export type Laid = PatchLayer & { readonly id: number }

/** What is crafted, and what undo goes back through. */
export interface Craft {
  readonly image: number | null
  /** The first at the bottom. */
  readonly layers: readonly Laid[]
}

export type Bench = 'editor' | 'sweep' | 'experiment' | 'suggest'

export interface Lab {
  /** The project that all this belongs to. */
  readonly project: string | null
  readonly bench: Bench
  readonly craft: Craft
  /** Id of a layer. */
  readonly selected: number | null
  /** Hash; null: the model of the project's active pane. */
  readonly model: string | null
  /** Null: what the network says of the photograph alone. */
  readonly source: number | null
  readonly target: number | null
  readonly logits: boolean
  /** Cells that a comparison proposed, for suggestions. */
  readonly cells: readonly CellRef[] | null
  readonly sweep: number | null
  readonly experiment: number | null
  readonly suggestion: number | null
  readonly canUndo: boolean
  readonly canRedo: boolean
}

const EMPTY: Craft = { image: null, layers: [] }
const INITIAL: Lab = {
  project: null,
  bench: 'editor',
  craft: EMPTY,
  selected: null,
  model: null,
  source: null,
  target: null,
  logits: false,
  cells: null,
  sweep: null,
  experiment: null,
  suggestion: null,
  canUndo: false,
  canRedo: false,
}

/** As the article lays patches, but with their own proportions. */
export const PLAIN_LOOK: Required<PatchLook> = {
  rotation: 0,
  opacity: 1,
  blend: 'normal',
  mask: 'alpha',
  feather: 0,
  aspect: 'kept',
}
/** What a patch begins with: the size at which the article's whale turns into a shark is a quarter. */
const FIRST = { ...PLAIN_LOOK, x: 0.8, y: 0.8, size: 0.35, hidden: false }

export const useLab = create<Lab>(() => INITIAL)
const { getState: get, setState: set } = useLab

let history = new History<Craft>(EMPTY, Number.POSITIVE_INFINITY)
let lastId = 0
const newId = (): number => {
  lastId++
  return lastId
}

/** Begins anew where the lab still shows another project. */
export function enter(project: string): void {
  if (get().project === project) return
  history = new History<Craft>(EMPTY, Number.POSITIVE_INFINITY)
  set({ ...INITIAL, project })
}

/** A change under way, such as a drag: undo knows of it when it is settled. */
export const preview = (craft: Craft): void => set({ craft })

/** What is shown now is a step of undo's. */
export function settle(): void {
  history.push(get().craft)
  set({ canUndo: history.canUndo, canRedo: history.canRedo })
}

export function edit(craft: Craft): void {
  preview(craft)
  settle()
}

function recall(craft: Craft | undefined): void {
  if (craft === undefined) return
  const { selected } = get()
  set({
    craft,
    selected: craft.layers.some(l => l.id === selected) ? selected : (craft.layers.at(-1)?.id ?? null),
    canUndo: history.canUndo,
    canRedo: history.canRedo,
  })
}
export function undo(): void {
  // A drag that was not let go of is a step as well.
  settle()
  recall(history.undo())
}
export const redo = (): void => recall(history.redo())

export const change = (part: Partial<Omit<Lab, 'craft' | 'project' | 'canUndo' | 'canRedo'>>): void => set(part)
export const selectLayer = (selected: number | null): void => set({ selected })

/** Another photograph under the same patches. Its own source class is found anew. */
export function putImage(image: number): void {
  edit({ ...get().craft, image })
  set({ source: null })
}

const confined = (layer: Laid): Laid => ({
  ...layer,
  x: Math.min(5, Math.max(-4, layer.x)),
  y: Math.min(5, Math.max(-4, layer.y)),
  size: Math.min(SIZES.most, Math.max(SIZES.least, layer.size)),
  rotation: turned(layer.rotation),
})

/** Changes a layer; `settle` makes it a step of undo's. */
export function reshape(id: number, part: Partial<Omit<Laid, 'id' | 'patch'>>): void {
  const { craft } = get()
  preview({ ...craft, layers: craft.layers.map(l => (l.id === id ? confined({ ...l, ...part }) : l)) })
}

/** Lays a patch on top. */
export function lay(patch: number, part: Partial<PatchLayer> = {}): void {
  const id = newId()
  const { craft } = get()
  edit({ ...craft, layers: [...craft.layers, confined({ ...FIRST, ...part, patch, id })] })
  selectLayer(id)
}

export function lift(id: number): void {
  const { craft, selected } = get()
  const at = craft.layers.findIndex(l => l.id === id)
  const layers = craft.layers.filter(l => l.id !== id)
  edit({ ...craft, layers })
  if (selected === id) selectLayer((layers[at] ?? layers[at - 1])?.id ?? null)
}

export function duplicate(id: number): void {
  const layer = get().craft.layers.find(l => l.id === id)
  if (layer) lay(layer.patch, { ...layer, x: layer.x - 0.06, y: layer.y - 0.06 })
}

/** Moves a layer up (1) or down (−1) in the stack. */
export function restack(id: number, by: 1 | -1): void {
  const { craft } = get()
  const at = craft.layers.findIndex(l => l.id === id)
  const to = at + by
  if (at < 0 || to < 0 || to >= craft.layers.length) return
  edit({ ...craft, layers: craft.layers.with(at, craft.layers[to]!).with(to, craft.layers[at]!) })
}

/** What the engine is told of a craft. */
export function compositionOf({ image, layers }: Craft): Composition | null {
  return image === null ? null : { image, layers: layers.map(({ id: _, ...layer }) => layer) }
}

/** Opens a composition in the editor, such as a trial of an experiment. */
export function openComposition(
  { image, layers }: Composition,
  classes: Partial<Pick<Lab, 'model' | 'source' | 'target'>> = {},
): void {
  const laid = layers.map(layer => ({ ...layer, id: newId() }))
  edit({ image, layers: laid })
  set({ ...classes, bench: 'editor', selected: laid.at(-1)?.id ?? null })
  show('patch')
}

/** Looks for patches behind cells that tell two classes apart. */
export function suggestFrom(cells: readonly CellRef[], source: number, target: number): void {
  set({ bench: 'suggest', cells: cells.slice(0, 64), source, target, suggestion: null })
  show('patch')
}
