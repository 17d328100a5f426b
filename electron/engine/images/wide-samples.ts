import sharp, { type Metadata, type Sharp } from 'sharp'
import { BOUNDS } from '../bounds/bounds.ts'
import { Refused } from './unreadable.ts'

/** Sample formats with a fixed range, which libvips converts to 8 bits. */
const FIXED = new Set(['uchar', 'ushort'])

/** Whether the samples of a picture are floating point, signed or of 32 bits: such a file does not define white. */
export const hasWideSamples = ({ depth }: Pick<Metadata, 'depth'>): boolean => !FIXED.has(depth)

/**
 * A picture of wide samples in 8 bits, where its numbers determine their range: floating point from 0 to 1 or
 * to 255, 32 bits without sign from 0 to 2³² − 1, integers up to 255. They are assumed to be encoded as
 * sRGB, as by the programs that write such files.
 * @throws Refused with the range that was found
 */
export async function inEightBits(image: Sharp, { depth, space, channels, width, height }: Metadata): Promise<Sharp> {
  if (channels !== 1 && channels !== 3)
    throw new Refused(`it has ${channels} channels of ${depth} samples; save it with 8 or 16 bits a sample`)
  if (width * height > BOUNDS.widePixels)
    throw new Refused(`it has more than ${Math.floor(BOUNDS.widePixels / 1e6)} million pixels of ${depth} samples`)
  // In the file's colour space, or libvips would treat the numbers as linear light, or as 8 bits.
  const { data, info } = await image
    .toColourspace(space ?? 'srgb')
    .raw({ depth: 'double' })
    .toBuffer({ resolveWithObject: true })
  const all = new Float64Array(data.buffer, data.byteOffset, data.byteLength / 8)
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of all) {
    if (!Number.isFinite(value)) throw new Refused('it has samples that are NaN or infinite')
    if (value < min) min = value
    if (value > max) max = value
  }
  const white = whiteOf(depth, min, max)
  if (white === undefined)
    throw new Refused(
      `its ${depth} samples are between ${sampleText(min)} and ${sampleText(max)}, which does not determine white; save it with 8 or 16 bits a sample`,
    )
  const pixels = Uint8Array.from(all, value => Math.round((255 * value) / white))
  return sharp(pixels, { raw: { width: info.width, height: info.height, channels: info.channels } })
}

/** The value of white, where the numbers determine it. */
function whiteOf(depth: string, min: number, max: number): number | undefined {
  if (min < 0) return undefined
  const real = depth === 'float' || depth === 'double'
  if (real && max <= 1) return 1
  // Between 1 and 2 it may be a scale to 1 that is exceeded a little.
  if (real && max < 2) return undefined
  if (max <= 255) return 255
  return depth === 'uint' && max >= 2 ** 24 ? 2 ** 32 - 1 : undefined
}

/** Integers in full; others with four digits. */
const sampleText = (value: number): string => String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
