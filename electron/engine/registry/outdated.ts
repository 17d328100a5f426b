import type { AtlasRecord } from '../store/atlases.ts'
import { findModel, successorOf } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'

/** Why an atlas is not of the current model of the project; undefined if it is. */
export function outdated(db: Readable, { set, classifier }: AtlasRecord): string | undefined {
  const network = sampleSet(db, set)!.model
  if (successorOf(db, network) !== undefined) return 'was built with a network that has been replaced in its file since'
  if (classifier !== null && findModel(db, network)?.classifier !== classifier)
    return 'was built before the description of its model was corrected'
  return undefined
}
