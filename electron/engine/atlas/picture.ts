import type { Inversion } from '../../contract/inversion.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import type { Picture } from '../images/encode.ts'
import { decodeStored } from '../images/stored-picture.ts'

/** A cell of the picture. */
export interface DrawnCell {
  readonly row: number
  readonly column: number
  /** Number of samples. */
  readonly count: number
  /** Its icon, as projects store it: WebP. */
  readonly icon: Uint8Array
}

export interface PictureOptions {
  /** Edge of a cell, pixels. */
  readonly cell: number
  /** A cell with this share of the mean number of samples, or more, is drawn at full size. */
  readonly fullAt: number
  /** Trimmed from every side of an icon, as a share of its edge: few transforms covered it. */
  readonly trim: number
  /** 0 … 255. */
  readonly background: number
}

const DEFAULTS: PictureOptions = { cell: 64, fullAt: 1, trim: 0.08, background: 17 }

/** White, as in the figures of Activation Atlas (Distill 2019). */
export const LIGHT_BACKGROUND = 255

/** Largest edge of a cell in a picture of a grid, pixels. @param grid cells per edge */
export const largestCell = (grid: number): number => Math.floor(BOUNDS.figureEdge / grid)

/**
 * The margin of an icon that less than half of the steps covered, as a share of its edge: the random crops remove
 * Σ jitter pixels from both sides together, on average half of them from each, and padding restores some.
 */
export const unseenMargin = ({ size, transforms }: Pick<Inversion, 'size' | 'transforms'>): number => {
  // Views finally cover the complete frame.
  if ('views' in transforms || typeof size !== 'number') return 0
  const { jitter, lastJitter, pad } = transforms
  const cropped = jitter.reduce((sum, pixels) => sum + pixels, lastJitter)
  return Math.max(0, cropped / 2 - pad) / size
}

/** Edge of an icon relative to its cell: its area follows the number of samples (as in the article's viewer). */
export const iconScale = (count: number, meanCount: number, fullAt: number): number =>
  Math.min(1, Math.sqrt(count / (meanCount * fullAt)))

/**
 * Renders an atlas as one picture, row 0 at the top.
 * @param grid cells per edge
 */
export async function atlasPicture(
  grid: number,
  cells: readonly DrawnCell[],
  options: Partial<PictureOptions> = {},
): Promise<Picture> {
  const { cell: requested, fullAt, trim, background } = { ...DEFAULTS, ...options }
  const cell = Math.min(requested, largestCell(grid))
  const edge = grid * cell
  const rgb = new Uint8Array(edge * edge * 3).fill(background)
  const mean = cells.reduce((sum, { count }) => sum + count / cells.length, 0)
  for (const { row, column, count, icon } of cells) {
    const size = Math.max(1, Math.round(cell * iconScale(count, mean, fullAt)))
    const small = await resized(icon, size, trim)
    const top = row * cell + Math.floor((cell - size) / 2)
    const left = column * cell + Math.floor((cell - size) / 2)
    for (let y = 0; y < size; y++)
      rgb.set(small.subarray(y * size * 3, (y + 1) * size * 3), ((top + y) * edge + left) * 3)
  }
  return { rgb, width: edge, height: edge }
}

const resized = (icon: Uint8Array, size: number, trim: number): Promise<Uint8Array> =>
  decodeStored(icon, async image => {
    const { width } = await image.metadata()
    const cut = Math.floor(width * trim)
    const inner = width - 2 * cut
    return image
      .extract({ left: cut, top: cut, width: inner, height: inner })
      .resize(size, size)
      .removeAlpha()
      .raw()
      .toBuffer()
  })
