import { UserError } from '../../contract/errors.ts'
import { lineOf } from '../layout/grid.ts'
import { type AtlasRecord, atlasWithId } from '../store/atlases.ts'
import { layoutPositions } from '../store/layouts.ts'
import { partPositions } from '../store/part-layouts.ts'
import { sampleSet } from '../store/samples.ts'
import { type ShownCellRow, shownCellRows } from '../store/views.ts'
import type { Project } from './project.ts'

/** @throws UserError when the atlas has been removed */
export const requireAtlas = (project: Project, id: number): AtlasRecord => {
  const atlas = atlasWithId(project.db, id)
  if (atlas === undefined)
    throw new UserError(`there is no atlas ${id} in ${project.file} any more; choose another one`)
  return atlas
}

/** [n, 2]: where the samples of an atlas's set lie; NaN for those that are no part of the atlas. */
export const positionsOf = (project: Project, { layout, set }: AtlasRecord): Float32Array =>
  project.cached(
    `positions ${layout}`,
    () => {
      const part = partPositions(project.db, layout)
      if (part === undefined) return layoutPositions(project.db, layout)
      const positions = new Float32Array(2 * sampleSet(project.db, set)!.n).fill(Number.NaN)
      for (const [at, sample] of part.samples.entries()) positions.set(part.xy.subarray(2 * at, 2 * at + 2), 2 * sample)
      return positions
    },
    positions => positions.byteLength,
  )

/** In place of a cell, for a sample that is no part of an atlas. */
export const ELSEWHERE = -2

/** Shown cells, in the order of `Cells`. Their icons may be of another moment. */
export const cellsOf = (project: Project, { id }: AtlasRecord, grid: number): readonly ShownCellRow[] =>
  shownCellRows(project.db, id, grid)

/**
 * [n], for every sample its cell as an index of `Cells`, −1 where it lies in a hidden one, `ELSEWHERE` where it is no
 * part of the atlas.
 * @throws UserError when the atlas has no such grid
 */
export const slotsOf = (project: Project, atlas: AtlasRecord, grid: number): Int32Array =>
  project.cached(
    `slots ${atlas.id} ${grid}`,
    () => {
      const cells = cellsOf(project, atlas, grid)
      if (cells.length === 0) throw new UserError(`the atlas ${atlas.name} has no cells of ${grid} × ${grid} as yet`)
      const slotOf = new Int32Array(grid * grid).fill(-1)
      for (const [slot, { i, j }] of cells.entries()) slotOf[i * grid + j] = slot
      const positions = positionsOf(project, atlas)
      const slots = new Int32Array(positions.length / 2)
      for (let sample = 0; sample < slots.length; sample++)
        slots[sample] =
          slotOf[lineOf(positions[2 * sample + 1]!, grid) * grid + lineOf(positions[2 * sample]!, grid)] ?? ELSEWHERE
      return slots
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
