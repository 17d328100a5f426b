import { type Picture, type PictureData, tileCells } from '../../contract/pictures.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { Turns } from '../images/turns.ts'
import { NoPhotograph } from '../photographs/read.ts'
import { findIcon } from '../store/icons.ts'
import { patchPicture } from '../store/patches.ts'
import { tileIcons } from '../store/views.ts'
import { cropTile } from './crop-tile.ts'
import { photoPicture } from './photo-picture.ts'
import type { Project } from './project.ts'
import { smallIcon } from './small-icons.ts'
import { encodeTile, type TileEncoding } from './tile-pixels.ts'

/** No visible difference, in a third of the lossless bytes and a tenth of the time. */
const ENCODING: TileEncoding = { quality: 92, effort: 0 }

/** Limit for all windows together: thousands of pictures may be requested at once, and are queued. */
const turns = new Turns(BOUNDS.picturesAtOnce)

/** @returns null when the project has no such picture */
export const pictureOf = (project: Project, picture: Picture): Promise<PictureData | null> =>
  turns.run(() => render(project, picture))

async function render(project: Project, picture: Picture): Promise<PictureData | null> {
  switch (picture.kind) {
    case 'icon': {
      const webp =
        findIcon(project.db, picture.key)?.webp ?? project.peek<{ webp: Uint8Array }>(`icon ${picture.key}`)?.webp
      return webp ? { type: 'image/webp', bytes: Uint8Array.from(webp) } : null
    }
    case 'icons':
      return iconTile(project, picture)
    case 'crops':
      return cropTile(project, picture)
    case 'patch': {
      const webp = patchPicture(project.db, picture.patch)
      return webp ? { type: 'image/webp', bytes: Uint8Array.from(webp) } : null
    }
    case 'photo':
      return photograph(project, picture)
  }
}

async function photograph(
  project: Project,
  { image, box, size }: Extract<Picture, { readonly kind: 'photo' }>,
): Promise<PictureData | null> {
  try {
    return await photoPicture(project, image, box, size)
  } catch (error) {
    if (error instanceof NoPhotograph) return null
    throw error
  }
}

type Tile = Extract<Picture, { readonly kind: 'icons' }>
interface KeptTile {
  readonly revision: number
  readonly data: PictureData
}

/** A sheet of icons. Of its revisions the latest is kept in memory: windows ask for no other. */
async function iconTile(project: Project, { atlas, grid, tileI, tileJ, size, revision }: Tile): Promise<PictureData> {
  const name = `tile ${atlas} ${grid} ${tileI} ${tileJ} ${size}`
  const cached = project.peek<KeptTile>(name)
  if (cached?.revision === revision) return cached.data
  const data = await drawIconTile(project, { atlas, grid, tileI, tileJ, size }, ENCODING)
  const other = project.peek<KeptTile>(name)
  if (other !== undefined && other.revision > revision) return data
  project.forget(name)
  return project.cached<KeptTile>(
    name,
    () => ({ revision, data }),
    () => data.bytes.length,
  ).data
}

/** A sheet of icons as they are now. */
export async function drawIconTile(
  project: Project,
  { atlas, grid, tileI, tileJ, size }: Pick<Tile, 'atlas' | 'grid' | 'tileI' | 'tileJ'> & { readonly size: number },
  encoding: TileEncoding,
): Promise<PictureData> {
  const [top, left] = [tileI * tileCells, tileJ * tileCells]
  const icons = tileIcons(project.db, { atlas, grid, top, left, edge: tileCells })
  const cellTurns = new Turns(BOUNDS.cellsAtOnce)
  const cells = await Promise.all(
    icons.map(icon =>
      cellTurns.run(async () => ({
        row: icon.i - top,
        column: icon.j - left,
        rgb: await smallIcon(project, icon, size),
      })),
    ),
  )
  return encodeTile(cells, size, encoding)
}
