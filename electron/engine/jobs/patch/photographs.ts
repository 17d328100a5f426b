import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../contract/errors.ts'
import { findImage, listFolders, listImages } from '../../store/photographs.ts'
import type { Readable } from '../../store/sql.ts'

/** A photograph that may be tried. */
export interface Candidate {
  readonly image: number
  readonly file: string
  readonly hash: string
  /** What its folder or name says of its class. */
  readonly hint: string | null
}

/**
 * The readable photographs of some folders, or of all. A photograph that lies in several places is one trial, not
 * several: the first is taken.
 * @throws UserError when there are none, or a folder is known by name only
 */
export function candidatesOf(db: Readable, folders: readonly number[] | null): readonly Candidate[] {
  const all = listFolders(db)
  const missing = folders?.find(id => !all.some(folder => folder.id === id))
  if (missing !== undefined) throw new UserError(`${db.file} has no folder ${missing}: the Photographs page shows all`)
  const seen = new Set<string>()
  const found: Candidate[] = []
  for (const { id, path } of all) {
    if (path === null || (folders && !folders.includes(id))) continue
    for (const image of listImages(db, id)) {
      if (image.status !== 'ok' || seen.has(image.hash)) continue
      seen.add(image.hash)
      found.push({ image: image.id, file: join(path, image.relative), hash: image.hash, hint: image.class })
    }
  }
  if (found.length === 0)
    throw new UserError(
      `there are no photographs to try patches on in ${db.file}: add a folder of photographs (portolan patch experiment … --images FOLDER)`,
    )
  return found
}

/** @throws UserError when the project has no such photograph, or it is not where it was */
export function photographFile(db: Readable, id: number): string {
  const image = findImage(db, id)
  const path = image && listFolders(db).find(folder => folder.id === image.folder)?.path
  if (image === undefined) throw new UserError(`there is no photograph ${id} in ${db.file}`)
  if (path == null)
    throw new UserError(`${image.relative} is known by name only: link its folder on the Photographs page`)
  const file = join(path, image.relative)
  if (!existsSync(file))
    throw new UserError(`${file} is not there any more: link its folder again on the Photographs page`)
  return file
}
