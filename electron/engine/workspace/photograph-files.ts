import { basename, dirname, join, relative, sep } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { Photograph } from '../../contract/project.ts'
import { isInside } from '../files/inside.ts'
import { writeOutput } from '../files/output.ts'
import { decodeImage, measureImage } from '../images/decode.ts'
import { classHint } from '../images/find.ts'
import { sha256 } from '../images/read.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import type { Label } from '../model/classifier.ts'
import { rememberFolders } from '../photographs/named.ts'
import { foldersById } from '../photographs/read.ts'
import { photographOf } from '../query/photographs.ts'
import { findImage, listFolders, putFolder, putPhotographs } from '../store/photographs.ts'
import type { OpenProject } from './open-project.ts'

/**
 * Adds one photograph: to the folder of the project that contains it, or else to its own folder.
 * @throws UnreadableImage
 */
export async function enterFile(project: OpenProject, file: string, labels: readonly Label[]): Promise<Photograph> {
  const db = project.writable()
  const facts = await measureImage(file)
  rememberFolders([dirname(file)])
  const id = db.write(() => {
    const folder = listFolders(db).find(({ path }) => path !== null && isInside(file, path))
    const home = folder?.path ?? dirname(file)
    const inside = relative(home, file).split(sep).join('/')
    const photograph = { relative: inside, class: classHint(inside) ?? null, status: 'ok' as const, ...facts }
    return putPhotographs(db, folder?.id ?? putFolder(db, home, basename(home)), [photograph])[0]!
  })
  const image = findImage(db, id)
  if (image?.status !== 'ok') throw new Error(`photograph ${id} was added and is missing`)
  return photographOf(project, image, labels, foldersById(db))
}

/** Stores a picture from the clipboard in a folder beside the project, named by its hash. */
export async function keepBytes(project: OpenProject, name: string, bytes: Uint8Array): Promise<string> {
  project.writable()
  try {
    await decodeImage({ file: name, bytes: Buffer.from(bytes), hash: '' }, { size: 16 })
  } catch (error) {
    if (error instanceof UnreadableImage)
      throw new UserError(`cannot read the pasted picture: ${error.reason}; paste a PNG, JPEG or WebP picture`, {
        cause: error,
      })
    throw error
  }
  const folder = `${project.file.replace(/\.portolan$/, '')}.pasted`
  const plain =
    name
      .replace(/\.[a-z0-9]+$/i, '')
      .replace(/[^\p{L}\p{N}-]+/gu, ' ')
      .trim() || 'pasted'
  const file = join(folder, `${plain.slice(0, 60)} ${sha256(bytes).slice(0, 12)}${extensionOf(bytes)}`)
  await writeOutput(file, bytes)
  return file
}

/** The extension by the first bytes of the file, independent of its name. */
function extensionOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return '.jpg'
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return '.png'
  return '.webp'
}
