import { contactSheet, encodePng } from '../images/encode.ts'
import { decodeStored } from '../images/stored-picture.ts'

const EDGE = 96

/** Patches of a project side by side on one PNG, each within a square. @param pictures WebP, at least one */
export async function encodePatches(pictures: readonly Uint8Array[]): Promise<Buffer> {
  const squares = await Promise.all(
    pictures.map(async picture => {
      const rgb = await decodeStored(picture, image =>
        image
          .resize(EDGE, EDGE, { fit: 'contain', background: '#ffffff' })
          .flatten({ background: '#ffffff' })
          .raw()
          .toBuffer(),
      )
      return { rgb: new Uint8Array(rgb), width: EDGE, height: EDGE }
    }),
  )
  return encodePng(contactSheet(squares, Math.ceil(Math.sqrt(squares.length)), 4, 255))
}
