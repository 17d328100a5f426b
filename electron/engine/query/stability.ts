import type { CellStability } from '../../contract/stability.ts'
import { meansOfCells } from '../atlas/cell-stability.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { stabilityOfLayout } from '../store/layout-stability.ts'
import { shownCount, slotsOf } from './atlas-records.ts'
import type { Project } from './project.ts'

/** The mean stability of the samples of each shown cell of a grid; null where the layout's has not been measured. */
export function stabilityOfCells(project: Project, atlas: AtlasRecord, grid: number): CellStability | null {
  const measured = stabilityOfLayout(project.db, atlas.layout)
  if (measured === null) return null
  return project.cached(
    `stability ${atlas.id} ${grid} of seeds ${measured.seeds.join()}`,
    () => {
      const cells = shownCount(project, atlas, grid)
      return { kept: meansOfCells(project.db, atlas, measured, slotsOf(project, atlas, grid), cells) }
    },
    ({ kept }) => kept.byteLength,
  )
}
