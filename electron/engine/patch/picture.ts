import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { decodeTransparent, measureImage, type TransparentPicture } from '../images/decode.ts'
import { type ImageFile, readImage, sha256 } from '../images/read.ts'
import { UnreadableImage } from '../images/unreadable.ts'

/** A larger patch is kept at this edge: no network sees more of it, and it is resized while it is dragged. */
const MOST_EDGE = 1024

/**
 * Reads a picture to paste, with the colours that its file stores: the article's baseball carries a profile that would
 * change them by up to a third.
 * @param image its file, or what was read of one (from the clipboard: bytes with a name)
 * @throws UserError when it can't be read, has more pixels than a patch may have, or nothing of it would be seen
 */
export async function readPatch(image: string | ImageFile): Promise<TransparentPicture> {
  try {
    return await decodePatch(typeof image === 'string' ? await readImage(image) : image)
  } catch (error) {
    if (!(error instanceof UnreadableImage)) throw error
    throw new UserError(
      `cannot use ${JSON.stringify(error.file)} as a patch: ${error.reason}; choose a PNG, JPEG or WebP that other programs open`,
      { cause: error },
    )
  }
}

async function decodePatch(file: ImageFile): Promise<TransparentPicture> {
  const { width, height } = await measureImage(file)
  if (width * height > BOUNDS.patchPixels)
    throw new UserError(
      `cannot use ${JSON.stringify(file.file)} as a patch: it is ${width} × ${height} pixels, and a patch may have ${BOUNDS.patchPixels / 1e6} million; save it smaller`,
    )
  const picture = await decodeTransparent(file, MOST_EDGE)
  requireVisible(picture, file.file)
  return picture
}

/** @throws UserError when every pixel is fully transparent */
export function requireVisible({ rgba }: TransparentPicture, name: string): void {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at]! > 0) return
  throw new UserError(
    `cannot use ${JSON.stringify(name)} as a patch: all of it is transparent; choose a picture of which something is seen`,
  )
}

/** Bytes that came without a file. */
export const namedBytes = (name: string, bytes: Uint8Array): ImageFile => {
  if (bytes.length === 0) throw new UserError(`cannot use ${JSON.stringify(name)} as a patch: it is empty`)
  return { file: name, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), hash: sha256(bytes) }
}

/** Whether any pixel lets the photograph shine through. */
export const isTransparent = ({ rgba }: TransparentPicture): boolean => {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at]! < 255) return true
  return false
}
