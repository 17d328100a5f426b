import { create } from 'zustand'
import type { ExperimentPlan } from '../../electron/contract/experiment.ts'
import { type Composition, type PatchPlacement, PLAIN_LOOK } from '../../electron/contract/placement.ts'
import type { CellRef } from '../../electron/contract/values.ts'
import { History } from '../state/history.ts'
import { show } from '../state/view.ts'
import { normalisedDegrees, SIZES } from './geometry.ts'

/** A patch on the photograph, with an id that does not change when others are added or removed. */
export type PlacedPatch = PatchPlacement & { readonly id: number }

/** The composition in the editor, which undo and redo restore. */
export interface EditedComposition {
  readonly image: number | null
  /** From the bottom up. */
  readonly patches: readonly PlacedPatch[]
}

export type LabMode = 'editor' | 'sweep' | 'experiment' | 'suggest'

interface Lab {
  /** Key of the project. */
  readonly project: string | null
  readonly mode: LabMode
  readonly edited: EditedComposition
  /** Id of a placed patch. */
  readonly selected: number | null
  /** Hash; null: the model of the project's active pane. */
  readonly model: string | null
  /** Null: the top-1 class of the photograph without patches. */
  readonly source: number | null
  readonly target: number | null
  readonly logits: boolean
  readonly sweep: number | null
  readonly experiment: number | null
  readonly suggestion: number | null
  /** The form of a new experiment is open, with an earlier plan or none; null: an experiment is shown. */
  readonly planning: { readonly template: ExperimentPlan | null } | null
  /** Cells of a comparison that suggestions come from; null: the samples whose attribution differs most. */
  readonly cells: readonly CellRef[] | null
  readonly canUndo: boolean
  readonly canRedo: boolean
}

const EMPTY: EditedComposition = { image: null, patches: [] }
const INITIAL: Lab = {
  project: null,
  mode: 'editor',
  edited: EMPTY,
  selected: null,
  model: null,
  source: null,
  target: null,
  logits: false,
  sweep: null,
  experiment: null,
  suggestion: null,
  planning: null,
  cells: null,
  canUndo: false,
  canRedo: false,
}

/** The initial placement of a patch. */
const INITIAL_PLACEMENT = { ...PLAIN_LOOK, x: 0.8, y: 0.8, size: 0.35, hidden: false }

export const useLab = create<Lab>(() => INITIAL)
const { getState: get, setState: set } = useLab

let history = new History<EditedComposition>(EMPTY, Number.POSITIVE_INFINITY)
let lastId = 0
function newId(): number {
  lastId++
  return lastId
}

/** Resets the lab when another project is opened. */
export function enter(project: string): void {
  if (get().project === project) return
  history = new History<EditedComposition>(EMPTY, Number.POSITIVE_INFINITY)
  set({ ...INITIAL, project })
}

/** Shows a change, such as a drag, that becomes an undo step with `settle`. */
export function preview(edited: EditedComposition): void {
  set({ edited })
}

/** Adds the current composition to the undo history. */
export function settle(): void {
  history.push(get().edited)
  set({ canUndo: history.canUndo, canRedo: history.canRedo })
}

export function edit(edited: EditedComposition): void {
  preview(edited)
  settle()
}

function recall(edited: EditedComposition | undefined): void {
  if (edited === undefined) return
  const { selected } = get()
  set({
    edited,
    selected: edited.patches.some(l => l.id === selected) ? selected : (edited.patches.at(-1)?.id ?? null),
    canUndo: history.canUndo,
    canRedo: history.canRedo,
  })
}
export function undo(): void {
  // An unfinished drag is a step as well.
  settle()
  recall(history.undo())
}
export function redo(): void {
  recall(history.redo())
}

export function change(part: Partial<Omit<Lab, 'edited' | 'project' | 'canUndo' | 'canRedo'>>): void {
  set(part)
}
export function selectPatch(selected: number | null): void {
  set({ selected })
}

/** Changes the photograph below the patches; the source class follows its top-1 class. */
export function setPhotograph(image: number): void {
  edit({ ...get().edited, image })
  set({ source: null })
}

const clamped = (placed: PlacedPatch): PlacedPatch => ({
  ...placed,
  x: Math.min(5, Math.max(-4, placed.x)),
  y: Math.min(5, Math.max(-4, placed.y)),
  size: Math.min(SIZES.maximum, Math.max(SIZES.minimum, placed.size)),
  rotation: normalisedDegrees(placed.rotation),
})

/** Changes a placed patch; `settle` makes it an undo step. */
export function adjustPatch(id: number, part: Partial<Omit<PlacedPatch, 'id' | 'patch'>>): void {
  const { edited } = get()
  preview({ ...edited, patches: edited.patches.map(p => (p.id === id ? clamped({ ...p, ...part }) : p)) })
}

/** Places a patch on top. */
export function placePatch(patch: number, part: Partial<PatchPlacement> = {}): void {
  const id = newId()
  const { edited } = get()
  edit({ ...edited, patches: [...edited.patches, clamped({ ...INITIAL_PLACEMENT, ...part, patch, id })] })
  selectPatch(id)
}

export function removePatch(id: number): void {
  const { edited, selected } = get()
  const at = edited.patches.findIndex(l => l.id === id)
  const patches = edited.patches.filter(p => p.id !== id)
  edit({ ...edited, patches })
  if (selected === id) selectPatch((patches[at] ?? patches[at - 1])?.id ?? null)
}

export function duplicatePatch(id: number): void {
  const placed = get().edited.patches.find(l => l.id === id)
  if (placed) placePatch(placed.patch, { ...placed, x: placed.x - 0.06, y: placed.y - 0.06 })
}

/** Moves a patch up (1) or down (−1) in the stack. */
export function restackPatch(id: number, by: 1 | -1): void {
  const { edited } = get()
  const at = edited.patches.findIndex(l => l.id === id)
  const to = at + by
  if (at < 0 || to < 0 || to >= edited.patches.length) return
  edit({ ...edited, patches: edited.patches.with(at, edited.patches[to]!).with(to, edited.patches[at]!) })
}

/** The composition as the engine takes it; null without a photograph. */
export function compositionOf({ image, patches }: EditedComposition): Composition | null {
  return image === null ? null : { image, patches: patches.map(({ id: _, ...placed }) => placed) }
}

/** Opens a composition in the editor, such as a trial of an experiment. */
export function openComposition(
  { image, patches }: Composition,
  classes: Partial<Pick<Lab, 'model' | 'source' | 'target'>> = {},
): void {
  const placed = patches.map(one => ({ ...one, id: newId() }))
  edit({ image, patches: placed })
  set({ ...classes, mode: 'editor', selected: placed.at(-1)?.id ?? null })
  show('patch')
}

/** Shows the composition that the project was left with, without a step to undo. */
export function restoreLab({
  composition,
  ...classes
}: Pick<Lab, 'model' | 'source' | 'target'> & { readonly composition: Composition | null }): void {
  const patches = (composition?.patches ?? []).map(one => ({ ...one, id: newId() }))
  const edited = { image: composition?.image ?? null, patches }
  history = new History<EditedComposition>(edited, Number.POSITIVE_INFINITY)
  set({ ...classes, edited, selected: patches.at(-1)?.id ?? null, canUndo: false, canRedo: false })
}

/** Opens the form of an experiment. @param template a plan that it starts from */
export function planExperiment(template: ExperimentPlan | null): void {
  const classes = template && { model: template.models[0]!, source: template.source, target: template.target }
  set({ ...classes, mode: 'experiment', planning: { template } })
}

/** Opens the form of suggestions for some cells of a comparison. @param project its key */
export function suggestFrom(
  project: string,
  plan: {
    readonly model: string
    readonly source: number
    readonly target: number
    readonly cells: readonly CellRef[]
  },
): void {
  enter(project)
  set({ ...plan, mode: 'suggest', suggestion: null })
  show('patch')
}
