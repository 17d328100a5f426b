import type { CellStability } from '../../contract/stability.ts'
import { meansOfCells } from '../atlas/cell-stability.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { stabilityOfLayout } from '../store/layout-stability.ts'
import { cellsOf, slotsOf } from './atlas-records.ts'
import type { Project } from './project.ts'

/** The mean stability of the samples of each shown cell of a grid; null where the layout's has not been measured. */
export function stabilityOfCells(project: Project, atlas: AtlasRecord, grid: number): CellStability | null {
  const measured = stabilityOfLayout(project.db, atlas.layout)
  if (measured === null) return null
  return project.cached(
    `stability ${atlas.id} ${grid} of seeds ${measured.seeds.join()}`,
    () => {
      const cells = cellsOf(project, atlas, grid).length
      return { kept: meansOfCells(project.db, atlas, measured, slotsOf(project, atlas, grid), cells) }
    },
    ({ kept }) => kept.byteLength,
  )
}

/** The mean stability of the samples of one shown cell; null where it has not been measured. */
export function stabilityOfCell(
  project: Project,
  atlas: AtlasRecord,
  { grid, i, j }: { readonly grid: number; readonly i: number; readonly j: number },
): number | null {
  const measured = stabilityOfCells(project, atlas, grid)
  if (measured === null) return null
  return measured.kept[cellsOf(project, atlas, grid).findIndex(cell => cell.i === i && cell.j === j)] ?? null
}
