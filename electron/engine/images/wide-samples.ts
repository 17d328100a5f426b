import sharp, { type Metadata, type Sharp } from 'sharp'
import { Refused } from './unreadable.ts'

/** Sample formats that fill a fixed range, which libvips converts to 8 bits by itself. */
const FIXED = new Set(['uchar', 'ushort'])

/** Pictures of more pixels are no photographs, and their samples would take gigabytes. */
const MOST_PIXELS = 2 ** 26

/** Whether the samples of a picture are floating point, signed or of 32 bits: what white is such a file does not say. */
export const hasWideSamples = ({ depth }: Pick<Metadata, 'depth'>): boolean => !FIXED.has(depth)

/**
 * A picture of wide samples in 8 bits, where its numbers leave no doubt about their range: floating point from 0 to 1 or
 * to 255, 32 bits without sign from 0 to 2³² − 1, whole numbers up to 255. They are taken to be encoded as sRGB is, as
 * the programs that write such files do it.
 * @throws Refused with the range that was found
 */
export async function inEightBits(image: Sharp, { depth, space, channels, width, height }: Metadata): Promise<Sharp> {
  if (channels !== 1 && channels !== 3)
    throw new Refused(`it has ${channels} channels of ${depth} samples; save it with 8 or 16 bits a sample`)
  if (width * height > MOST_PIXELS)
    throw new Refused(`it has more than ${Math.floor(MOST_PIXELS / 1e6)} million pixels of ${depth} samples`)
  // Its own space, or libvips would take the numbers as linear light, or as 8 bits.
  const { data, info } = await image
    .toColourspace(space ?? 'srgb')
    .raw({ depth: 'double' })
    .toBuffer({ resolveWithObject: true })
  const all = new Float64Array(data.buffer, data.byteOffset, data.byteLength / 8)
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of all) {
    if (!Number.isFinite(value)) throw new Refused('it has samples that are NaN or infinite')
    if (value < least) least = value
    if (value > most) most = value
  }
  const white = whiteOf(depth, least, most)
  if (white === undefined)
    throw new Refused(
      `its ${depth} samples lie between ${Number(least.toPrecision(4))} and ${Number(most.toPrecision(4))}, which does not say what white is; save it with 8 or 16 bits a sample`,
    )
  const pixels = Uint8Array.from(all, value => Math.round((255 * value) / white))
  return sharp(pixels, { raw: { width: info.width, height: info.height, channels: info.channels } })
}

/** The number of white, where the numbers leave no doubt. */
function whiteOf(depth: string, least: number, most: number): number | undefined {
  if (least < 0) return undefined
  const real = depth === 'float' || depth === 'double'
  if (real && most <= 1) return 1
  // Between 1 and 2 it may be a scale to 1 that is exceeded a little.
  if (real && most < 2) return undefined
  if (most <= 255) return 255
  return depth === 'uint' && most >= 2 ** 24 ? 2 ** 32 - 1 : undefined
}
