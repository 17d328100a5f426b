import { CellIndex, TILE } from '../atlas/cells.ts'
import type { Level } from '../atlas/scene-state.ts'
import type { LoadTile } from '../atlas/tile-textures.ts'

const MARK = 'mirrored:'

/** The source tile and column of each column of a mirrored tile, left to right. */
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
 * The same cells with the sides swapped: columns are reversed, icons are not. Tiles are composed from those of the
 * original, so that nothing is rendered again.
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

/** Loads tiles, including mirrored ones. */
export function withMirrored(load: LoadTile): LoadTile {
  return async (url, signal) => {
    if (!url.startsWith(MARK)) return load(url, signal)
    const { grid, tileX, sources }: { grid: number; tileX: number; sources: readonly (readonly [number, string])[] } =
      JSON.parse(url.slice(MARK.length))
    const loaded = new Map(
      await Promise.all(sources.map(async ([tile, from]) => [tile, await load(from, signal)] as const)),
    )
    const [first] = loaded.values()
    if (!first) throw new Error('a mirrored tile has no columns')
    const side = first.width / TILE
    const canvas = new OffscreenCanvas(first.width, first.height)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('cannot draw mirrored tiles: no 2-D canvas is available')
    mirroredColumns(grid, tileX).forEach(({ tile, column }, c) => {
      const from = loaded.get(tile)
      if (from) context.drawImage(from, column * side, 0, side, from.height, c * side, 0, side, from.height)
    })
    for (const bitmap of loaded.values()) bitmap.close()
    return createImageBitmap(canvas, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
  }
}
