import { create } from 'zustand'
import type { ClassLayout, MinSamples } from '../../electron/contract/class-atlas.ts'
import type { SampleFilter } from '../../electron/contract/class-selection.ts'
import { show } from './view.ts'

/** Pane ids of class atlases and comparisons start here; those of the atlas view are smaller. */
export const CLASS_ATLAS_PANES = 100
/** Pane ids of comparisons start here. */
export const COMPARISON_PANES = CLASS_ATLAS_PANES + 50

/** As `SampleFilter`, but the magnitude may be the default for the number of samples. */
export interface FilterForm {
  readonly rank: number | null
  readonly magnitude: number | 'default' | null
  readonly sign: SampleFilter['sign']
}

/** A requested plan for one whole atlas. */
export interface RequestedPlan {
  readonly plan: string
  readonly job: number | null
}

/** The state of the class atlas and comparison views. */
export interface ClassAtlasForm {
  /** The class of the class atlas. */
  readonly one: number | null
  /** The two classes of the comparison, left and right. */
  readonly pair: readonly [number | null, number | null]
  /** Ids of the source atlases of both views; empty: that of the active pane. */
  readonly from: readonly number[]
  readonly filter: FilterForm
  readonly method: ClassLayout['method']
  /** Number of grids, 1 to 3, each twice as fine as the previous one. */
  readonly levels: number
  readonly minSamples: MinSamples
  /** A request is being sent: the engine counts the samples before it starts the job. */
  readonly submitting: boolean
  /** The last requested plans, by `requestKey`. */
  readonly requested: Readonly<Record<string, RequestedPlan | undefined>>
}

export const useClassAtlasForm = create<ClassAtlasForm>(() => ({
  one: null,
  pair: [null, null],
  from: [],
  filter: { rank: 1, magnitude: 'default', sign: 'positive' },
  method: 'tsne',
  levels: 2,
  minSamples: 'auto',
  submitting: false,
  requested: {},
}))

export function changeClassAtlasForm(part: Partial<ClassAtlasForm>): void {
  useClassAtlasForm.setState(part)
}

/** A key for a class or a pair (in either order) in one whole atlas. */
export function requestKey(from: number, classes: readonly number[]): string {
  return `${from}:${[...classes].sort((a, b) => a - b).join('|')}`
}

export function rememberRequest(key: string, plan: RequestedPlan | undefined): void {
  useClassAtlasForm.setState(state => ({ requested: { ...state.requested, [key]: plan } }))
}

/** Shows the class atlas of a class, optionally from given source atlases. */
export function openClass(one: number, from: readonly number[] = useClassAtlasForm.getState().from): void {
  useClassAtlasForm.setState({ one, from })
  show('class')
}

/** Shows a comparison; a missing second class is chosen there. */
export function openPair(
  left: number,
  right: number | null,
  from: readonly number[] = useClassAtlasForm.getState().from,
): void {
  useClassAtlasForm.setState({ pair: [left, right], from })
  show('compare')
}

export function swapSides(): void {
  useClassAtlasForm.setState(({ pair: [left, right] }) => ({ pair: [right, left] }))
}
