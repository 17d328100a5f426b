import { CellIndex, TILE } from '../atlas/cells.ts'
import type { Level } from '../atlas/scene-state.ts'
import type { LoadSheet } from '../atlas/sheets.ts'

const MARK = 'mirrored:'

/** Columns of the source, and of which of its two sheets, that stand in a mirrored sheet, left to right. */
export function mirroredColumns(
  grid: number,
  tileX: number,
): readonly { readonly tile: number; readonly column: number }[] {
  const columns = Math.min(TILE, grid - tileX * TILE)
  return Array.from({ length: Math.max(0, columns) }, (_, c) => {
    const source = grid - 1 - (tileX * TILE + c)
    return { tile: Math.floor(source / TILE), column: source % TILE }
  })
}

/**
 * The same cells with the sides swapped: columns run the other way, icons stay as they are. Its sheets are put together
 * from those of the original, so that nothing is made anew.
 */
export function mirrored(level: Level): Level {
  const { cells } = level.index
  const { grid } = cells
  const index = new CellIndex({ ...cells, j: cells.j.map(j => grid - 1 - j), x: cells.x.map(x => 1 - x) })
  const url: Level['url'] = (tileX, tileY, size) => {
    const tiles = [...new Set(mirroredColumns(grid, tileX).map(c => c.tile))]
    const sources = tiles.map(tile => [tile, level.url(tile, tileY, size)] as const)
    return MARK + JSON.stringify({ grid, tileX, sources })
  }
  return { index, source: `${level.source}/mirrored`, url }
}

/** Fetches sheets, mirrored ones too. */
export const withMirrored =
  (load: LoadSheet): LoadSheet =>
  async (url, signal) => {
    if (!url.startsWith(MARK)) return load(url, signal)
    const { grid, tileX, sources }: { grid: number; tileX: number; sources: readonly (readonly [number, string])[] } =
      JSON.parse(url.slice(MARK.length))
    const sheets = new Map(
      await Promise.all(sources.map(async ([tile, from]) => [tile, await load(from, signal)] as const)),
    )
    const [first] = sheets.values()
    if (!first) throw new Error('a sheet without columns was asked for')
    const side = first.width / TILE
    const canvas = new OffscreenCanvas(first.width, first.height)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('cannot draw sheets: this machine has no 2-D canvas')
    mirroredColumns(grid, tileX).forEach(({ tile, column }, c) => {
      const from = sheets.get(tile)
      if (from) context.drawImage(from, column * side, 0, side, from.height, c * side, 0, side, from.height)
    })
    for (const sheet of sheets.values()) sheet.close()
    return createImageBitmap(canvas, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
  }
