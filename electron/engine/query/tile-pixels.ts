import sharp from 'sharp'
import { type PictureData, tileCells } from '../../contract/pictures.ts'

/** A cell's picture and its place in the tile. */
export interface TileCell {
  /** Row and column in the tile, 0 to 15. */
  readonly row: number
  readonly column: number
  /** [size, size, 3] */
  readonly rgb: Uint8Array
}

/** Of WebP. */
export interface TileEncoding {
  /** 0 to 100. */
  readonly quality: number
  /** 0, the fastest, to 6, the smallest. */
  readonly effort: number
}

/**
 * A tile of cells, transparent elsewhere. Pixels are copied here, because composing hundreds of pictures in libvips takes
 * ten times as long.
 * @param size edge of a cell, px
 */
export async function encodeTile(
  cells: readonly TileCell[],
  size: number,
  { quality, effort }: TileEncoding,
): Promise<PictureData> {
  const edge = tileCells * size
  const rgba = new Uint8Array(4 * edge * edge)
  for (const { row, column, rgb } of cells)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const from = 3 * (y * size + x)
        const to = 4 * ((row * size + y) * edge + column * size + x)
        rgba[to] = rgb[from]!
        rgba[to + 1] = rgb[from + 1]!
        rgba[to + 2] = rgb[from + 2]!
        rgba[to + 3] = 255
      }
  const bytes = await sharp(rgba, { raw: { width: edge, height: edge, channels: 4 } })
    .webp({ quality, alphaQuality: 100, effort })
    .toBuffer()
  return { type: 'image/webp', bytes: Uint8Array.from(bytes) }
}
