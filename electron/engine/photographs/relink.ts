import { resolve } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import { ahead } from '../images/batches.ts'
import { measureImage } from '../images/decode.ts'
import { findImages } from '../images/find.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { type ImageRecord, listFolders, listImages, putPhotographs, relinkFolder } from '../store/photographs.ts'
import type { Writable } from '../store/sql.ts'

/** Files read concurrently. */
const AHEAD = 8

/** Counts of the photographs of a relinked folder. */
interface Relinked {
  /** Files with the same name and bytes. */
  readonly found: number
  readonly missing: number
  /** Files with the same name and other bytes: they are not linked. */
  readonly changed: number
}

/**
 * Updates the path of a folder of the project. Photographs that were stored by name only (imported samples) get their
 * size. The project is unchanged if the folder contains none of them.
 * @throws UserError when none of the photographs is found
 */
export async function relink(db: Writable, id: number, path: string): Promise<Relinked> {
  const folder = listFolders(db).find(each => each.id === id)
  if (folder === undefined)
    throw new UserError(`there is no folder ${id} in ${db.file}; the Photographs page lists its folders`)
  const root = resolve(path)
  const here = new Map((await findImages([root])).images.map(image => [image.relative, image.file]))
  const images = listImages(db, id)
  const present = images.flatMap(image => {
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
      `none of the ${images.length} photographs of ${folder.name} is in ${root}; choose the folder that contains ${images[0]?.relative ?? 'them'}`,
    )
  db.write(() => {
    relinkFolder(db, id, root)
    putPhotographs(db, id, same)
  })
  return { found: same.length, missing: images.length - same.length - changed, changed }
}

async function measure({ file, image }: { readonly file: string; readonly image: ImageRecord }) {
  try {
    return { image, measured: await measureImage(file) }
  } catch (error) {
    if (error instanceof UnreadableImage) return { image, measured: undefined }
    throw error
  }
}
