import { join } from 'node:path'
import { InversionSchema } from '../../contract/inversion.ts'
import type { Picture } from '../images/encode.ts'
import { lineOf } from '../layout/grid.ts'
import { float32Pages, requireActivations } from '../store/activations.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { type Cell, listCells } from '../store/cells.ts'
import { findIcon } from '../store/icons.ts'
import { stored } from '../store/json.ts'
import { layoutPositions } from '../store/layouts.ts'
import { findImage, listFolders } from '../store/photographs.ts'
import { readSamples } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { cosineFrom, dot } from '../vectors/cosine.ts'
import { atlasPicture, type DrawnCell, type PictureOptions, unseenMargin } from './picture.ts'

/** A shown cell, with a direction and an icon. */
export type ShownCell = Cell & { readonly direction: Float32Array; readonly icon: string }

export const shownCells = (db: Readable, atlas: AtlasRecord, grid: number): ShownCell[] =>
  listCells(db, atlas.id, grid).flatMap(({ direction, icon, ...cell }) =>
    direction !== null && icon !== null ? [{ ...cell, direction, icon }] : [],
  )

/** Edge of a cell that shows its icon pixel for pixel, without the margin that few steps of the optimisation covered. */
export function nativeCell(atlas: AtlasRecord): number {
  const inversion = stored(InversionSchema, atlas.preset, `the preset of ${atlas.name}`)
  // If the edge follows from the layer, at most the pixels of its frame.
  const size = typeof inversion.size === 'number' ? inversion.size : inversion.size.pixels
  return size - 2 * Math.floor(size * unseenMargin(inversion))
}

/**
 * Renders one grid of an atlas. Cells without a finished icon stay empty. The margin that few steps of the optimisation
 * covered is trimmed, and by default the cells with most samples show their icons pixel for pixel.
 */
export function gridPicture(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  options: Partial<PictureOptions> = {},
): Promise<Picture> {
  const cells = shownCells(db, atlas, grid).flatMap(({ i, j, count, icon }): DrawnCell[] => {
    const webp = findIcon(db, icon)?.webp
    return webp ? [{ row: i, column: j, count, icon: webp }] : []
  })
  const trim = unseenMargin(stored(InversionSchema, atlas.preset, `the preset of ${atlas.name}`))
  return atlasPicture(grid, cells, { trim, cell: nativeCell(atlas), ...options })
}

/** A sample of a cell with its photograph. */
interface NearSample {
  readonly sample: number
  /** Folder and relative path. */
  readonly image: string
  /** Null where only the photograph's number is stored. */
  readonly file: string | null
  readonly v: number
  readonly u: number
  /** Cosine between its activation and the cell's direction. */
  readonly cosine: number
}

/**
 * For every shown cell, those of its samples whose activations are nearest to its direction, the nearest first.
 * One page of activations in memory.
 */
export function nearestSamples(
  db: Readable,
  atlas: AtlasRecord,
  grid: number,
  cells: readonly ShownCell[],
  count: number,
): readonly (readonly NearSample[])[] {
  const matrix = requireActivations(db, atlas.set, atlas.tensor)
  const { width } = matrix
  const positions = layoutPositions(db, atlas.layout)
  const places = new Map(cells.map(({ i, j }, place) => [i * grid + j, place]))
  const lengths = cells.map(({ direction }) => dot(direction, 0, direction, 0, width))
  const lists = cells.map((): { sample: number; cosine: number }[] => [])
  for (const { start, count: rows, values } of float32Pages(db, matrix))
    for (let row = 0; row < rows; row++) {
      const sample = start + row
      const place = places.get(lineOf(positions[2 * sample + 1]!, grid) * grid + lineOf(positions[2 * sample]!, grid))
      if (place === undefined) continue
      const inner = dot(values, row * width, cells[place]!.direction, 0, width)
      const squared = dot(values, row * width, values, row * width, width)
      keep(lists[place]!, { sample, cosine: cosineFrom(inner, squared, lengths[place]!) }, count)
    }
  const folders = new Map(listFolders(db).map(folder => [folder.id, folder]))
  return lists.map(list =>
    list.map(({ sample, cosine }) => {
      const { image: id, v, u } = readSamples(db, atlas.set, sample, sample + 1)[0]!
      const image = findImage(db, id)!
      const folder = folders.get(image.folder)!
      const file = folder.path === null ? null : join(folder.path, image.relative)
      return { sample, image: `${folder.name}/${image.relative}`, file, v, u, cosine }
    }),
  )
}

/** Insertion into a short list, the largest cosine first; of equals the earlier sample. */
function keep<T extends { readonly cosine: number }>(list: T[], item: T, count: number): void {
  const at = list.findIndex(({ cosine }) => item.cosine > cosine)
  if (at < 0) list.push(item)
  else list.splice(at, 0, item)
  if (list.length > count) list.pop()
}
