import sharp, { type Metadata, type Sharp } from 'sharp'
import { reason } from '../../contract/errors.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { type ImageFile, readImage } from './read.ts'
import { Refused, UnreadableImage } from './unreadable.ts'
import { hasWideSamples, inEightBits } from './wide-samples.ts'

// One thread per image: callers decode several images at a time instead, which scales better and leaves the cores to
// inference in between. Without a cache, because no photograph is decoded twice in a row.
sharp.concurrency(1)
sharp.cache(false)

export interface DecodeOptions {
  /** Edge of the square, or height and width, in pixels. Without it the photograph keeps its size. */
  readonly size?: number | readonly [height: number, width: number]
  /**
   * `stretch` scales the photograph to the frame, `crop` uses its largest central part with the frame's aspect ratio.
   * `stretch` by default.
   */
  readonly resize?: 'stretch' | 'crop'
  /**
   * `bilinear`, the default, is a triangle filter as wide as the pixels that fall on one: antialiased, as in the
   * original's preparation. `lanczos` is sharper: for patches.
   */
  readonly kernel?: 'bilinear' | 'lanczos'
}

interface DecodedImage {
  /** sRGB, row by row: [height, width, 3] of the requested size, or of the photograph's. */
  readonly rgb: Uint8Array
  /** Of the original in pixels, after the rotation of its EXIF data. */
  readonly width: number
  readonly height: number
  /** The part of the original that `rgb` shows, in pixels of the original. */
  readonly box: Box
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** The background of transparent pixels: mid grey, the least informative colour to a classifier. */
const NEUTRAL = { r: 128, g: 128, b: 128 }

/** Formats that libvips reads but that are not photographs: vector drawings. */
const DRAWINGS = new Set(['svg', 'pdf'])

/**
 * Decodes a photograph to 8-bit sRGB: rotated by its EXIF data, colour profile and CMYK converted, grey and
 * palette expanded, 16 bits reduced to 8 (32 and floating point where their range is clear), transparency over neutral
 * grey, the first of several frames.
 *
 * A damaged file is refused: truncated, with corrupt picture data or a wrong checksum. Faults that leave the picture
 * complete are ignored: garbage after its end or between its parts, broken EXIF data, a wrong extension.
 * @throws UnreadableImage with the reason in plain words
 */
export async function decodeImage(image: string | ImageFile, options: DecodeOptions = {}): Promise<DecodedImage> {
  return tolerant(typeof image === 'string' ? await readImage(image) : image, (bytes, failOn) =>
    decode(bytes, options, failOn),
  )
}

/** 8-bit sRGB pixels with their opacity, not multiplied with it: [height, width, 4]. */
export interface TransparentPicture {
  readonly rgba: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * Decodes a picture with its transparency, and with the colours that the file stores, ignoring its profile (CMYK is
 * converted), as the article's code does. Otherwise as `decodeImage`.
 * @param maxEdge pixels along the longer edge: a larger picture is scaled down (Lanczos)
 * @throws UnreadableImage with the reason in plain words
 */
export async function decodeTransparent(image: ImageFile, maxEdge: number): Promise<TransparentPicture> {
  return tolerant(image, async (bytes, failOn) => {
    const pipeline = sharp(bytes, { failOn, limitInputPixels: BOUNDS.photographPixels, ignoreIcc: true })
    const about = await pipeline.metadata()
    refuseDrawings(about)
    const oriented = pipeline.autoOrient()
    const { data, info } = await (hasWideSamples(about) ? await inEightBits(oriented, about) : oriented)
      .resize(maxEdge, maxEdge, { fit: 'inside', withoutEnlargement: true, kernel: 'lanczos3' })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { rgba: fourChannels(data, info.channels), width: info.width, height: info.height }
  })
}

/** Decodes again ignoring warnings where only metadata around the picture is broken. */
async function tolerant<T>(
  { file, bytes, hash }: ImageFile,
  decodes: (bytes: Buffer, failOn: 'warning' | 'error') => Promise<T>,
): Promise<T> {
  try {
    return await decodes(bytes, 'warning')
  } catch {
    return diagnosed(async () => {
      try {
        return await decodes(bytes, 'warning')
      } catch (error) {
        const text = reason(error)
        if (!/VipsJpeg|icc|profile|exif/i.test(text) || DAMAGE.test(text) || isCutOff(bytes))
          throw new UnreadableImage(file, plain(error, bytes), { hash, cause: error })
        try {
          return await decodes(bytes, 'error')
        } catch (again) {
          throw new UnreadableImage(file, plain(again, bytes), { hash, cause: again })
        }
      }
    })
  }
}

let diagnoses: Promise<unknown> = Promise.resolve()

/**
 * Sequential: libvips stores its error in one place for all threads, and two broken pictures that are decoded at once
 * could get each other's reason.
 */
function diagnosed<T>(diagnose: () => Promise<T>): Promise<T> {
  const turn = diagnoses.then(diagnose)
  diagnoses = turn.catch(() => {})
  return turn
}

/** A JPEG without an end marker after its last scan. In the data of a scan the byte 0xff is always escaped. */
function isCutOff(bytes: Buffer): boolean {
  if (!bytes.subarray(0, 2).equals(START_OF_IMAGE)) return false
  const scan = bytes.lastIndexOf(START_OF_SCAN)
  return scan < 0 || bytes.indexOf(END_OF_IMAGE, scan) < 0
}

const START_OF_IMAGE = Buffer.of(0xff, 0xd8)
const START_OF_SCAN = Buffer.of(0xff, 0xda)
const END_OF_IMAGE = Buffer.of(0xff, 0xd9)

/**
 * Hash and size of a photograph without decoding it: with a valid header the picture may still be damaged.
 * @returns width and height in pixels after the rotation of its EXIF data
 * @throws UnreadableImage with the reason in plain words
 */
export async function measureImage(
  image: string | ImageFile,
): Promise<{ hash: string; width: number; height: number }> {
  const { file, bytes, hash } = typeof image === 'string' ? await readImage(image) : image
  try {
    const about = await sharp(bytes, { limitInputPixels: BOUNDS.photographPixels }).metadata()
    refuseDrawings(about)
    return { hash, width: about.autoOrient.width, height: about.autoOrient.height }
  } catch (error) {
    throw new UnreadableImage(file, plain(error, bytes), { hash, cause: error })
  }
}

/** Damage of the picture itself, of which libjpeg only warns: it would be shown half grey or shifted. */
const DAMAGE = /Corrupt JPEG data(?!: \d+ extraneous bytes before marker)|premature end/i

async function decode(bytes: Buffer, options: DecodeOptions, failOn: 'warning' | 'error'): Promise<DecodedImage> {
  const pipeline = sharp(bytes, { failOn, limitInputPixels: BOUNDS.photographPixels })
  const about = await pipeline.metadata()
  refuseDrawings(about)
  const { width, height } = about.autoOrient
  const oriented = pipeline.autoOrient()
  const { image, box } = prepare(hasWideSamples(about) ? await inEightBits(oriented, about) : oriented, about, options)
  const { data, info } = await image
    .flatten({ background: NEUTRAL })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { rgb: threeChannels(data, info.channels), width, height, box }
}

function refuseDrawings({ format, space, channels, depth }: Metadata): void {
  if (DRAWINGS.has(format)) throw new Refused(`it is a drawing (${format.toUpperCase()}), not a photograph`)
  // CMYK with transparency has five.
  const maxChannels = space === 'cmyk' ? 5 : 4
  if (channels > maxChannels && !hasWideSamples({ depth }))
    throw new Refused(`it has ${channels} channels, but a photograph has 1 to 4; save it as RGB`)
}

/** Height and width of a size. */
export const frameOf = (size: NonNullable<DecodeOptions['size']>): readonly [height: number, width: number] =>
  typeof size === 'number' ? [size, size] : size

/** Scales to the frame. Scaling comes before cropping so that JPEGs are decoded at a fraction of their size. */
function prepare(
  image: Sharp,
  { autoOrient: { width, height } }: Metadata,
  { size, resize = 'stretch', kernel = 'bilinear' }: DecodeOptions,
): { image: Sharp; box: Box } {
  const full = { left: 0, top: 0, width, height }
  if (size === undefined) return { image, box: full }
  const scaled = (to: Sharp, columns: number, rows: number): Sharp =>
    to.resize(columns, rows, {
      fit: 'fill',
      kernel: kernel === 'lanczos' ? 'lanczos3' : 'linear',
      // Shrinking while decoding stops at twice the requested size: the last factor of two uses the kernel above,
      // because the decoder's averaging is a coarse filter.
      fastShrinkOnLoad: false,
    })
  const [high, wide] = frameOf(size)
  if (resize === 'stretch') return { image: scaled(image, wide, high), box: full }

  const factor = Math.max(wide / width, high / height)
  const columns = Math.max(wide, Math.round(width * factor))
  const rows = Math.max(high, Math.round(height * factor))
  if (columns * rows > 8 * wide * high) {
    // A very long strip: crop first, or the scaled strip would fill the memory.
    const [across, down] = [Math.max(1, Math.floor(wide / factor)), Math.max(1, Math.floor(high / factor))]
    const box = { left: (width - across) >> 1, top: (height - down) >> 1, width: across, height: down }
    return { image: scaled(image.extract(box), wide, high), box }
  }
  const left = (columns - wide) >> 1
  const top = (rows - high) >> 1
  return {
    image: scaled(image, columns, rows).extract({ left, top, width: wide, height: high }),
    box: {
      left: (left / columns) * width,
      top: (top / rows) * height,
      width: (wide / columns) * width,
      height: (high / rows) * height,
    },
  }
}

/** Grey to RGB; anything else has three channels by now. */
function threeChannels(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const rgb = new Uint8Array((data.length / channels) * 3)
  for (let from = 0, to = 0; from < data.length; from += channels, to += 3) rgb.fill(data[from]!, to, to + 3)
  return rgb
}

/** Grey with opacity to RGBA; anything else has four channels by now. */
function fourChannels(data: Buffer, channels: number): Uint8Array {
  if (channels === 4) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const rgba = new Uint8Array((data.length / channels) * 4)
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    rgba.fill(data[from]!, to, to + 3)
    rgba[to + 3] = data[from + 1]!
  }
  return rgba
}

/** Signatures of common files that cannot be decoded: bytes at an offset. */
const SIGNATURES: readonly (readonly [kind: string, offset: number, ...beginnings: string[]])[] = [
  ['a BMP image', 0, 'BM'],
  ['a PDF document', 0, '%PDF'],
  ['a JPEG XL image', 0, '\xff\x0a', '\0\0\0\x0cJXL '],
  ['a JPEG 2000 image', 0, '\0\0\0\x0cjP  '],
  ['a HEIC image', 4, 'ftypheic', 'ftypheix', 'ftyphevc', 'ftypmif1', 'ftypmsf1'],
  ['a Photoshop document', 0, '8BPS'],
  ['a ZIP archive', 0, 'PK\x03\x04'],
  ['a gzip archive', 0, '\x1f\x8b'],
  ['an icon', 0, '\0\0\x01\0'],
  ['a web page', 0, '<!DOCTYPE html', '<!doctype html', '<html'],
]

/** Signatures of the decodable formats: such a file that libvips does not recognise is damaged. */
const DECODABLE = ['II*\0', 'MM\0*', '\xff\xd8', '\x89PNG', 'GIF8', 'RIFF']

/** The error of libvips, in plain words. */
function plain(error: unknown, bytes: Buffer): string {
  const text = reason(error)
  if (error instanceof Refused) return text
  if (/exceeds pixel limit/.test(text))
    return `it exceeds the limit of ${Math.floor(BOUNDS.photographPixels / 1e6)} megapixels; save it at a smaller size`
  const head = bytes.toString('latin1', 0, 32)
  const kind = SIGNATURES.find(([, at, ...beginnings]) => beginnings.some(start => head.startsWith(start, at)))?.[0]
  if (kind !== undefined) return `it is ${kind}, which cannot be read; save it as JPEG or PNG`
  if (/unsupported image format/.test(text)) {
    if (DECODABLE.some(start => head.startsWith(start))) return 'the file is cut off or damaged'
    return isText(bytes) ? 'it is text, not an image' : 'it is not an image of a known format'
  }
  if (/samples out of range/.test(text))
    return 'it has a sample format that cannot be read; save it with 8 or 16 bits a sample'
  if (isCutOff(bytes)) return 'the file is cut off'
  if (/premature end of JPEG image|unexpected end|bad seek|truncat|unable to parse image/i.test(text))
    return 'the file is cut off'
  if (head.startsWith('\x89PNG'))
    return bytes.includes('IEND', bytes.length - 64) ? 'its picture data are damaged' : 'the file is cut off'
  if (/Corrupt JPEG data/.test(text)) return 'its picture data are damaged'
  // One warning of libvips a row: the first one is the cause.
  const [first = ''] = text.trim().split('\n')
  return `its picture data are damaged (${first.length > LONGEST_CAUSE ? `${first.slice(0, LONGEST_CAUSE)}…` : first})`
}

/** Characters of a message of libvips that are shown. */
const LONGEST_CAUSE = 200

/** Whether the first bytes read as UTF-8 text without control characters. */
function isText(bytes: Buffer): boolean {
  const start = bytes.toString('utf8', 0, 512)
  // The last character may be split at the 512th byte.
  return ![...start.slice(0, -1)].some(c => c === '\uFFFD' || (c < ' ' && !'\t\n\r\f'.includes(c)))
}
