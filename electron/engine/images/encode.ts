import sharp from 'sharp'

/** 8-bit sRGB pixels, row by row: [height, width, 3]. */
export interface Picture {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * The picture in a tensor of numbers 0…1, one of a batch.
 * @param data  [n, 3, height, width] RGB; numbers outside 0…1 are clipped
 * @param index which of the n
 */
export function pictureOf(data: Float32Array, index: number, height: number, width: number): Picture {
  const plane = height * width
  const start = index * 3 * plane
  if (start < 0 || start + 3 * plane > data.length)
    throw new RangeError(`${data.length} numbers do not contain a picture ${index} of ${height} × ${width}`)
  // Clamped arrays round to the nearest and clip at 0 and 255.
  const rgb = new Uint8ClampedArray(3 * plane)
  for (let pixel = 0; pixel < plane; pixel++)
    for (let channel = 0; channel < 3; channel++)
      rgb[3 * pixel + channel] = data[start + channel * plane + pixel]! * 255
  return { rgb: new Uint8Array(rgb.buffer), width, height }
}

const open = ({ rgb, width, height }: Picture) => sharp(rgb, { raw: { width, height, channels: 3 } })

/** A PNG without metadata: equal pixels give equal bytes. */
export const encodePng = (picture: Picture): Promise<Buffer> => open(picture).png().toBuffer()

/** A lossless WebP: about a third smaller than PNG. Equal pixels give equal bytes. */
export const encodeWebp = (picture: Picture): Promise<Buffer> => open(picture).webp({ lossless: true }).toBuffer()

/**
 * Pictures in a grid, from the top left corner, row by row; empty positions keep the background.
 * @param pictures   all of one size; undefined leaves its position empty
 * @param columns    pictures in a row
 * @param gap        pixels between two pictures, and around them
 * @param background 0…255, for all three channels
 */
export function contactSheet(
  pictures: readonly (Picture | undefined)[],
  columns: number,
  gap = 0,
  background = 0,
): Picture {
  const first = pictures.find(picture => picture !== undefined)
  if (!first) throw new RangeError('a contact sheet needs a picture')
  const rows = Math.ceil(pictures.length / columns)
  const width = columns * (first.width + gap) + gap
  const height = rows * (first.height + gap) + gap
  const rgb = new Uint8Array(3 * width * height).fill(background)
  for (const [place, picture] of pictures.entries()) {
    if (!picture) continue
    if (picture.width !== first.width || picture.height !== first.height)
      throw new RangeError(`picture ${place} is ${picture.width} × ${picture.height}, the first is not`)
    const left = gap + (place % columns) * (first.width + gap)
    const top = gap + Math.floor(place / columns) * (first.height + gap)
    for (let y = 0; y < picture.height; y++)
      rgb.set(picture.rgb.subarray(3 * y * picture.width, 3 * (y + 1) * picture.width), 3 * ((top + y) * width + left))
  }
  return { rgb, width, height }
}
