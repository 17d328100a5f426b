import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { outdated } from '../registry/outdated.ts'
import { type AtlasRecord, listAtlases } from '../store/atlases.ts'
import { findModel } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'

/**
 * The whole atlas of a layer that is meant. Of the same model as it was and as it is now, the present one is meant.
 * @param wanted its name, or the beginning of its key
 * @param note   gets a sentence about atlases that were left out
 * @throws UserError when there is none, or several and nothing says which
 */
export function chosenAtlas(
  db: Readable,
  layer: string,
  wanted: string | undefined,
  note: (sentence: string) => void,
): AtlasRecord {
  const all = listAtlases(db)
  const found = all.filter(
    atlas =>
      isOfLayer(db, atlas, layer) && (wanted === undefined || atlas.name === wanted || atlas.key.startsWith(wanted)),
  )
  if (found.length === 1) return withJobLog(db, found[0]!, note)
  const named = (atlases: readonly AtlasRecord[]): string =>
    atlases.map(({ name, key }) => `"${name}" (${key.slice(0, 12)})`).join(', ')
  const present = found.filter(atlas => outdated(db, atlas) === undefined)
  if (present.length === 1) {
    note(
      `${found.length - 1} further ${found.length === 2 ? 'atlas' : 'atlases'} of ${layer} in ${db.file} ${found.length === 2 ? 'was' : 'were'} made before the model was changed or its description corrected: ${named(found.filter(atlas => atlas !== present[0]))}; --atlas with a key chooses one`,
    )
    return present[0]!
  }
  if (found.length > 1)
    throw new UserError(
      `${db.file} has ${found.length} atlases of ${layer}: ${named(found)}; choose one by --atlas and its key`,
      { exitCode: 2 },
    )
  if (all.length === 0) throw new UserError(`${db.file} has no atlas: portolan atlas build makes one`)
  throw new UserError(
    `${db.file} has no atlas ${wanted === undefined ? '' : `"${wanted}" `}of ${layer}: it has ${named(all)}`,
    { exitCode: 2 },
  )
}

const Named = z.array(z.object({ name: z.string(), tensor: z.string() }))

/** Whether an atlas is of the layer of a name: a tensor may have several. */
function isOfLayer(db: Readable, { set, tensor, layer: own }: AtlasRecord, name: string): boolean {
  if (own === name) return true
  const layers = Named.safeParse(findModel(db, sampleSet(db, set)!.model)?.layers)
  return layers.data?.some(each => each.name === name && each.tensor === tensor) ?? false
}

/** Says of an atlas that is not of the model as it is now that it isn't. */
function withJobLog(db: Readable, atlas: AtlasRecord, note: (sentence: string) => void): AtlasRecord {
  const why = outdated(db, atlas)
  if (why !== undefined) note(`"${atlas.name}" (${atlas.key.slice(0, 12)}) ${why}`)
  return atlas
}

/** Key of the classifier that an atlas was made with. */
export const classifierOf = (db: Readable, { set, classifier }: AtlasRecord): string =>
  classifier ?? findModel(db, sampleSet(db, set)!.model)!.classifier
