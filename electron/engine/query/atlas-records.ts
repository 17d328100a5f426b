import { UserError } from '../../contract/errors.ts'
import { positionsInSet } from '../atlas/positions.ts'
import { slotsOfSamples } from '../layout/cell-sums.ts'
import { lineOf } from '../layout/grid.ts'
import { type AtlasRecord, atlasWithId } from '../store/atlases.ts'
import { type ShownCellRow, shownCellCount, shownCellRows } from '../store/views.ts'
import type { Project } from './project.ts'

/** @throws UserError when the atlas has been removed */
export const requireAtlas = (project: Project, id: number): AtlasRecord => {
  const atlas = atlasWithId(project.db, id)
  if (atlas === undefined) throw new UserError(`there is no atlas ${id} in ${project.file}; choose another`)
  return atlas
}

/** [n, 2]: the positions of the samples of an atlas's set; NaN for those that are not part of the atlas. */
export const positionsOf = (project: Project, atlas: AtlasRecord): Float32Array =>
  project.cached(
    `positions ${atlas.layout}`,
    () => positionsInSet(project.db, atlas),
    positions => positions.byteLength,
  )

/** Shown cells, in the order of `Cells`. The states of their icons may be outdated. */
export const cellsOf = (project: Project, { id }: AtlasRecord, grid: number): readonly ShownCellRow[] =>
  shownCellRows(project.db, id, grid)

/** How many cells `cellsOf` has. */
export const shownCount = (project: Project, { id }: AtlasRecord, grid: number): number =>
  shownCellCount(project.db, id, grid)

/**
 * [n]: the cell of every sample as an index of `Cells`, or `HIDDEN` or `OUTSIDE`.
 * @throws UserError when the atlas has no such grid
 */
export const slotsOf = (project: Project, atlas: AtlasRecord, grid: number): Int32Array =>
  project.cached(
    `slots ${atlas.id} ${grid}`,
    () => {
      const cells = cellsOf(project, atlas, grid)
      if (cells.length === 0) throw new UserError(`the atlas ${atlas.name} has no cells of ${grid} × ${grid} yet`)
      return slotsOfSamples(positionsOf(project, atlas), grid, cells)
    },
    slots => slots.byteLength,
  )

/** The samples of one cell, shown or not, ascending. */
export const samplesOfCell = (
  project: Project,
  atlas: AtlasRecord,
  { grid, i, j }: { readonly grid: number; readonly i: number; readonly j: number },
): Uint32Array => {
  const positions = positionsOf(project, atlas)
  const samples: number[] = []
  for (let sample = 0; sample < positions.length / 2; sample++)
    if (lineOf(positions[2 * sample + 1]!, grid) === i && lineOf(positions[2 * sample]!, grid) === j)
      samples.push(sample)
  return Uint32Array.from(samples)
}
