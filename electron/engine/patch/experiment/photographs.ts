import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { listFolders, listImages } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'

/** A photograph that may be tried. */
export interface Candidate {
  readonly image: number
  readonly file: string
  /** Other places of the same bytes. */
  readonly copies: readonly string[]
  readonly hash: string
  /** The class that its folder or file name gives; null: none. */
  readonly hint: string | null
}

/**
 * The readable photographs of some folders, or of all. A photograph that lies in several places is one trial, not
 * several: the first place is taken, and the others where it has gone from there.
 * @throws UserError when there are none, or a folder is known by name only
 */
export function candidatesOf(db: Readable, folders: readonly number[] | null): readonly Candidate[] {
  const all = listFolders(db)
  const missing = folders?.find(id => !all.some(folder => folder.id === id))
  if (missing !== undefined) throw new UserError(`${db.file} has no folder ${missing}: the Photographs page shows all`)
  const found = new Map<string, Candidate & { readonly copies: string[] }>()
  for (const { id, path } of all) {
    if (path === null || (folders && !folders.includes(id))) continue
    for (const image of listImages(db, id)) {
      if (image.status !== 'ok') continue
      const file = join(path, image.relative)
      const known = found.get(image.hash)
      if (known) known.copies.push(file)
      else found.set(image.hash, { image: image.id, file, copies: [], hash: image.hash, hint: image.class })
    }
  }
  if (found.size === 0)
    throw new UserError(
      `there are no photographs to try patches on in ${db.file}: add a folder of photographs (portolan patch experiment … --images FOLDER)`,
    )
  return [...found.values()]
}
