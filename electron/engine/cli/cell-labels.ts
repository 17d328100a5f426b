import type { StoredLabels } from '../../contract/cell-labels.ts'
import { UserError } from '../../contract/errors.ts'
import { computeLabels, storedLabels } from '../atlas/cell-labels.ts'
import { openClassifier } from '../registry/open.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import type { Readable } from '../store/sql.ts'
import { classifierOf } from './chosen-atlas.ts'

/**
 * The labels of a grid: stored ones, or computed now for a project of an earlier version.
 * @returns null, with a note, where that needs a model that is missing
 */
export async function labelsOfGrid(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  note: (sentence: string) => void,
): Promise<StoredLabels | null> {
  const before = storedLabels(db, atlas, grid)
  if (before !== undefined) return before
  try {
    return await computeLabels(db, atlas, grid, { classifier: await openClassifier(db, classifierOf(db, atlas)) })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    note(`cells have no labels: ${error.message}`)
    return null
  }
}
