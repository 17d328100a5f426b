import { type CellLabel, type GridLabels, LabelKind, type StoredLabels } from '../../contract/cell-labels.ts'
import { UserError } from '../../contract/errors.ts'
import { computeLabels, namedLabels, storedLabels } from '../atlas/cell-labels.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { shownCount } from './atlas-records.ts'
import { classifierOf } from './class-columns.ts'
import { labelsOf, modelOf } from './model-records.ts'
import type { Project } from './project.ts'

/** The labels of a grid's shown cells, or why there are none. */
type Found = { readonly labels: StoredLabels; readonly note: null } | { readonly labels: null; readonly note: string }

/**
 * The stored labels of a grid. Projects of earlier versions have none: they are computed once, for all requests at the
 * same time together, which needs the model's file.
 * @param store called with labels that were computed now
 */
export async function labelsOfGrid(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  store: (labels: StoredLabels) => void,
): Promise<Found> {
  const before = storedLabels(project.db, atlas, grid)
  if (before !== undefined && before.cells.length === shownCount(project, atlas, grid))
    return { labels: before, note: null }
  const name = `labels ${atlas.id} ${grid}`
  const compute = async (): Promise<Found> => {
    try {
      const classifier = await classifierOf(project, atlas)
      const runtime = await project.runtime(classifier)
      const labels = await computeLabels(project.db, atlas, grid, { classifier, runtime })
      store(labels)
      return { labels, note: null }
    } catch (error) {
      project.forget(name)
      if (!(error instanceof UserError)) throw error
      return { labels: null, note: `labels are not computed: ${error.message}` }
    }
  }
  return await project.cached(name, compute, () => 8 * shownCount(project, atlas, grid))
}

/** The labels of a grid as columns, in the order of `Cells`. */
export function labelColumns(project: Project, atlas: AtlasRecord, grid: number, { labels, note }: Found): GridLabels {
  const n = shownCount(project, atlas, grid)
  const cells = labels?.cells ?? Array.from({ length: n }, () => null)
  return {
    kind: Uint8Array.from(cells, cell => (cell === null ? LabelKind.none : LabelKind[cell[0]])),
    index: Int16Array.from(cells, cell => cell?.[1] ?? -1),
    agreement: Float32Array.from(cells, cell => cell?.[2] ?? 0),
    groups: labels?.groups.map(({ name, classes }) => ({ name, classes: classes.length })) ?? [],
    source: labels?.source ?? null,
    note,
  }
}

/** The labels of the shown cells of a grid with their names; null where none is reliable. */
export const namesOfLabels = async (
  project: Project,
  atlas: AtlasRecord,
  { labels }: Found,
): Promise<readonly (CellLabel | null)[]> =>
  labels === null ? [] : namedLabels(labels, await labelsOf(project, modelOf(project, atlas)))
