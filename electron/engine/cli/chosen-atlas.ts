import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { outdated } from '../registry/outdated.ts'
import { type AtlasRecord, listAtlases } from '../store/atlases.ts'
import { findModel } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'

/**
 * Finds the full atlas of a layer. Among atlases of the old and the current state of a model, the current one is chosen.
 * @param wanted its name, or the beginning of its key
 * @param note   receives a sentence about atlases that were left out
 * @throws UserError when none or several match
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
  if (found.length === 1) return withOutdatedNote(db, found[0]!, note)
  const named = (atlases: readonly AtlasRecord[]): string =>
    atlases.map(({ name, key }) => `"${name}" (${key.slice(0, 12)})`).join(', ')
  const present = found.filter(atlas => outdated(db, atlas) === undefined)
  if (present.length === 1) {
    note(
      `${found.length - 1} further ${found.length === 2 ? 'atlas' : 'atlases'} of ${layer} in ${db.file} ${found.length === 2 ? 'was' : 'were'} built before the model or its description changed: ${named(found.filter(atlas => atlas !== present[0]))}; choose one with --atlas KEY`,
    )
    return present[0]!
  }
  if (found.length > 1)
    throw new UserError(
      `${db.file} has ${found.length} atlases of ${layer}: ${named(found)}; choose one with --atlas KEY`,
      { exitCode: 2 },
    )
  if (all.length === 0) throw new UserError(`${db.file} has no atlas: build one with portolan atlas build`)
  throw new UserError(
    `${db.file} has no atlas ${wanted === undefined ? '' : `"${wanted}" `}of ${layer}: it has ${named(all)}`,
    { exitCode: 2 },
  )
}

const Named = z.array(z.object({ name: z.string(), tensor: z.string() }))

/** Whether an atlas is of the layer of a name: a tensor may have several. */
function isOfLayer(db: Readable, { set, tensor, layer }: AtlasRecord, name: string): boolean {
  if (layer === name) return true
  const layers = Named.safeParse(findModel(db, sampleSet(db, set)!.model)?.layers)
  return layers.data?.some(each => each.name === name && each.tensor === tensor) ?? false
}

/** Notes that an atlas is of an earlier state of its model. */
function withOutdatedNote(db: Readable, atlas: AtlasRecord, note: (sentence: string) => void): AtlasRecord {
  const why = outdated(db, atlas)
  if (why !== undefined) note(`"${atlas.name}" (${atlas.key.slice(0, 12)}) ${why}`)
  return atlas
}

/** Key of the classifier that an atlas was built with. */
export const classifierOf = (db: Readable, { set, classifier }: AtlasRecord): string =>
  classifier ?? findModel(db, sampleSet(db, set)!.model)!.classifier
