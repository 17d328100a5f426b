import { UserError } from '../../contract/errors.ts'
import { type AtlasRecord, listAtlases } from '../store/atlases.ts'
import type { Readable } from '../store/sql.ts'

/**
 * The whole atlas of a layer that is meant.
 * @param wanted its name, or the beginning of its key
 * @throws UserError when there is none, or several and nothing says which
 */
export function chosenAtlas(db: Readable, layer: string, wanted: string | undefined): AtlasRecord {
  const all = listAtlases(db)
  const found = all.filter(
    atlas => atlas.layer === layer && (wanted === undefined || atlas.name === wanted || atlas.key.startsWith(wanted)),
  )
  if (found.length === 1) return found[0]!
  const named = (atlases: readonly AtlasRecord[]): string =>
    atlases.map(({ name, key }) => `"${name}" (${key.slice(0, 12)})`).join(', ')
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
