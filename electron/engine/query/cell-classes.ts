import type { z } from 'zod'
import type { CellClasses } from '../../contract/atlas.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { StrongestClasses } from '../store/cells.ts'
import { stored } from '../store/json.ts'
import { shownTops } from '../store/views.ts'
import type { Project } from './project.ts'

/** The strongest classes of a cell as it stores them; none where they were not computed. */
export const topOf = (json: string | null): z.infer<typeof StrongestClasses> =>
  json === null ? { for: [], against: [] } : stored(StrongestClasses, JSON.parse(json), 'the classes of a cell')

/** The classes with the largest positive mean attribution of each shown cell of a grid. */
export function classesOfCells(project: Project, { id }: AtlasRecord, grid: number, each: number): CellClasses {
  const tops = shownTops(project.db, id, grid)
  const index = new Int32Array(tops.length * each).fill(-1)
  const value = new Float32Array(tops.length * each)
  for (const [cell, json] of tops.entries())
    for (const [k, { class: strongest, mean }] of topOf(json)
      .for.filter(({ mean }) => mean > 0)
      .slice(0, each)
      .entries()) {
      index[cell * each + k] = strongest
      value[cell * each + k] = mean
    }
  return { each, index, value }
}
