import sharp, { type Sharp } from 'sharp'
import { UserError } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'

/**
 * Decodes a picture of a project: an icon or a patch. The project may come from an untrusted source, and libvips reads
 * many formats, some of which refer to other files or need any memory: only WebP is accepted, with at most as many pixels
 * as a patch may have.
 * @param read decodes what it needs
 * @throws UserError when the bytes are no such picture, or it is smaller than `read` expects
 */
export async function decodeStored<Result>(webp: Uint8Array, read: (image: Sharp) => Promise<Result>): Promise<Result> {
  try {
    if (!isWebp(webp)) throw new Error('it is not WebP')
    return await read(sharp(webp, { limitInputPixels: BOUNDS.patchPixels }))
  } catch (error) {
    throw new UserError(
      'a picture in the project cannot be decoded: it is damaged or was changed by another program; run "portolan project check" for details, or restore a backup',
      { cause: error },
    )
  }
}

/** The pixels of a stored picture without transparency: [height, width, 3]. @throws UserError when it has another size */
export const storedPixels = (webp: Uint8Array, width: number, height: number): Promise<Buffer> =>
  decodeStored(webp, image => pixelsOf(image.removeAlpha(), width, height))

/** The pixels of a stored picture with transparency: [height, width, 4]. @throws UserError when it has another size */
export const storedTransparentPixels = (webp: Uint8Array, width: number, height: number): Promise<Buffer> =>
  decodeStored(webp, image => pixelsOf(image.ensureAlpha(), width, height))

const pixelsOf = async (image: Sharp, width: number, height: number): Promise<Buffer> => {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  if (info.width !== width || info.height !== height)
    throw new Error(`it is ${info.width} × ${info.height} pixels instead of ${width} × ${height}`)
  return data
}

/** `RIFF`, four bytes of length, `WEBP`. */
const isWebp = (bytes: Uint8Array): boolean => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.byteLength)).toString('latin1')
  return head.startsWith('RIFF') && head.endsWith('WEBP')
}
