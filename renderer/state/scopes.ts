import { create } from 'zustand'
import type { ClassLayout, SampleFilter } from '../../electron/contract/class-atlas.ts'
import { show } from './view.ts'

/** Panes of these views have names from here on in the selection; those of the atlas view are smaller. */
export const PARTS = 100
/** Of them, those of the comparison. */
export const PAIRS = PARTS + 50

/** Which samples are wanted: as `SampleFilter`, but the magnitude may follow the number of samples. */
export interface WantedFilter {
  readonly rank: number | null
  readonly magnitude: number | 'usual' | null
  readonly sign: SampleFilter['sign']
}

/** A plan that was asked for, from one whole atlas. */
export interface Asked {
  readonly plan: string
  readonly job: number | null
}

/** What the views of one class and of two classes are set to. */
export interface Scopes {
  /** The class of the class atlas. */
  readonly one: number | null
  /** The two classes of the comparison as they are drawn: first on the left. */
  readonly pair: readonly [number | null, number | null]
  /** Ids of the whole atlases that both views start from; empty: that of the active pane. */
  readonly from: readonly number[]
  readonly filter: WantedFilter
  readonly method: ClassLayout['method']
  /** How many levels of grids, 1 to 3, each twice as fine as the one before. */
  readonly levels: number
  readonly least: number
  /** An order is on its way to the engine: it counts the samples before it begins. */
  readonly asking: boolean
  /** What was asked for last, by `askedKey`. */
  readonly asked: Readonly<Record<string, Asked | undefined>>
}

export const useScopes = create<Scopes>(() => ({
  one: null,
  pair: [null, null],
  from: [],
  filter: { rank: 1, magnitude: 'usual', sign: 'positive' },
  method: 'tsne',
  levels: 2,
  least: 5,
  asking: false,
  asked: {},
}))

export const changeScopes = (part: Partial<Scopes>): void => useScopes.setState(part)

/** Names a class or a pair (whatever its sides) in one whole atlas. */
export const askedKey = (from: number, classes: readonly number[]): string =>
  `${from}:${[...classes].sort((a, b) => a - b).join('|')}`

export const remember = (key: string, asked: Asked | undefined): void =>
  useScopes.setState(state => ({ asked: { ...state.asked, [key]: asked } }))

/** Show the class atlas of a class, in these whole atlases if any are named. */
export function openClass(one: number, from: readonly number[] = useScopes.getState().from): void {
  useScopes.setState({ one, from })
  show('class')
}

/** Show a comparison; without a second class the reader chooses it there. */
export function openPair(
  left: number,
  right: number | null,
  from: readonly number[] = useScopes.getState().from,
): void {
  useScopes.setState({ pair: [left, right], from })
  show('compare')
}

export const swapSides = (): void => useScopes.setState(({ pair: [left, right] }) => ({ pair: [right, left] }))
