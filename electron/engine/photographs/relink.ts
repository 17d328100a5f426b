import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { ahead } from '../images/batches.ts'
import { measureImage } from '../images/decode.ts'
import { findImages } from '../images/find.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { type ImageRecord, listFolders, listImages, putPhotographs, relinkFolder } from '../store/photographs.ts'
import type { Writable } from '../store/sql.ts'

/** Files under way at once. */
const AHEAD = 8

/** What became of the photographs of a folder that has moved. */
export interface Relinked {
  /** The same bytes are there under the same name. */
  readonly found: number
  readonly missing: number
  /** Under the same name lies another picture: it is not taken for the one that the project knows. */
  readonly changed: number
}

/**
 * Links a folder of the project to where its photographs lie now. Photographs that were known by name only (imported
 * samples) get their size. Nothing is changed where not one of them is there.
 * @throws UserError when none of the photographs is there
 */
export async function relink(db: Writable, id: number, path: string): Promise<Relinked> {
  const folder = listFolders(db).find(each => each.id === id)
  if (folder === undefined) throw new UserError(`there is no folder ${id} in ${db.file}; see its Data page`)
  const root = resolve(path)
  const here = new Map((await findImages([root])).images.map(image => [image.relative, image.file]))
  const known = listImages(db, id)
  const present = known.flatMap(image => {
    const file = here.get(image.relative)
    return file === undefined ? [] : [{ file, image }]
  })
  const same: ImageRecord[] = []
  let changed = 0
  for await (const { image, measured } of ahead(present, AHEAD, measure)) {
    if (measured === undefined) continue
    if (image.status === 'ok' && image.hash !== '' && image.hash !== measured.hash) changed++
    else same.push({ ...image, status: 'ok', ...measured })
  }
  if (same.length === 0)
    throw new UserError(
      `none of the ${known.length} photographs of ${folder.name} lies below ${root}; choose the folder that holds ${known[0]?.relative ?? 'them'}`,
    )
  db.write(() => {
    relinkFolder(db, id, root)
    putPhotographs(db, id, same)
  })
  return { found: same.length, missing: known.length - same.length - changed, changed }
}

async function measure({ file, image }: { readonly file: string; readonly image: ImageRecord }) {
  try {
    return { image, measured: await measureImage(file) }
  } catch (error) {
    if (error instanceof UnreadableImage) return { image, measured: undefined }
    throw error
  }
}
