import type { CellDetail } from '../../contract/atlas.ts'
import type { CallName, Input, Output } from '../../contract/calls.ts'
import type { ProjectSummary } from '../../contract/project.ts'
import type { CellRef, GridRef } from '../../contract/values.ts'
import type { Project } from '../query/project.ts'

/** Asks what the window asks. */
export type Ask = <N extends CallName>(name: N, input: Input<N>) => Promise<Output<N>>

/** A project that is published: what it answers to the calls of the window, and its rows. */
export interface PublishedSource {
  readonly ask: Ask
  readonly summary: () => ProjectSummary
  /** Replies to `cell.detail` for many cells of a grid at once. */
  readonly details: (
    grid: GridRef,
    cells: readonly Pick<CellRef, 'i' | 'j'>[],
    limits: { readonly classes: number; readonly nearest: number },
  ) => Promise<readonly CellDetail[]>
  readonly project: Project
}
