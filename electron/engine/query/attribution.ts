import type { Attribution } from '../../contract/atlas.ts'
import { countWithin, sumsPerCell } from '../layout/cell-sums.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { shownCount, slotsOf } from './atlas-records.ts'
import { classColumns } from './class-columns.ts'
import type { Project } from './project.ts'

/** As `Attribution`, with what is known of each class. */
export interface ClassAttributions extends Omit<Attribution, 'known'> {
  /** [classes], samples with a stored value. */
  readonly known: readonly number[]
}

/** Mean attribution of the shown cells of a grid to some classes. */
export async function attributionOfCells(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  classes: readonly number[],
): Promise<Attribution> {
  // A truncated matrix stores different samples of each class: the minimum over classes is reported.
  const { known, ...rest } = await classAttributions(project, atlas, grid, classes)
  return { ...rest, known: Math.min(...known) }
}

/** The same of each class. Attributions that a truncated matrix does not store count as 0. */
export async function classAttributions(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  classes: readonly number[],
): Promise<ClassAttributions> {
  const columns = await classColumns(project, atlas, classes)
  const slots = slotsOf(project, atlas, grid)
  const n = shownCount(project, atlas, grid)
  const values = new Float32Array(classes.length * n)
  const max = new Float32Array(classes.length)
  const min = new Float32Array(classes.length)
  for (const [at, column] of columns.entries()) {
    const { sums, counts } = sumsPerCell(slots, n, column.values)
    for (let slot = 0; slot < n; slot++) {
      const mean = sums[slot]! / counts[slot]!
      values[at * n + slot] = mean
      max[at] = Math.max(max[at]!, mean)
      min[at] = Math.min(min[at]!, mean)
    }
  }
  const known = columns.map(column => countWithin(slots, sample => column.known[sample] === 1))
  return { values, max, min, known: known.map(({ count }) => count), of: known[0]?.of ?? 0 }
}
