import { type Picture, type PictureData, tileCells } from '../../contract/pictures.ts'
import { CELLS_AT_ONCE, PICTURES_AT_ONCE } from '../images/bounds.ts'
import { Turns } from '../images/turns.ts'
import { NoPhotograph } from '../photographs/read.ts'
import { findIcon } from '../store/icons.ts'
import { patchPicture } from '../store/patches.ts'
import { tileIcons } from '../store/views.ts'
import { cropSheet } from './crop-sheet.ts'
import { photoPicture } from './photo-picture.ts'
import type { Project } from './project.ts'
import { sheetOf } from './sheet-pixels.ts'
import { smallIcon } from './small-icons.ts'

/** Quality of sheets: at 92 no difference is seen, and they take a third of the lossless bytes and a tenth of the time. */
const QUALITY = 92

/** For all windows together: thousands of pictures may be requested at once, and are made in turn. */
const turns = new Turns(PICTURES_AT_ONCE)

/** @returns null where the project has no such picture */
export const pictureOf = (project: Project, picture: Picture): Promise<PictureData | null> =>
  turns.run(() => made(project, picture))

async function made(project: Project, picture: Picture): Promise<PictureData | null> {
  switch (picture.kind) {
    case 'icon': {
      const webp =
        findIcon(project.db, picture.key)?.webp ?? project.peek<{ webp: Uint8Array }>(`icon ${picture.key}`)?.webp
      return webp ? { type: 'image/webp', bytes: Uint8Array.from(webp) } : null
    }
    case 'icons':
      return sheet(project, picture)
    case 'crops':
      return cropSheet(project, picture)
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

type Sheet = Extract<Picture, { readonly kind: 'icons' }>

async function sheet(project: Project, { atlas, grid, tileI, tileJ, size, revision }: Sheet): Promise<PictureData> {
  const name = `sheet ${atlas} ${grid} ${tileI} ${tileJ} ${size} ${revision}`
  const known = project.peek<PictureData>(name)
  if (known !== undefined) return known
  const [top, left] = [tileI * tileCells, tileJ * tileCells]
  const icons = tileIcons(project.db, { atlas, grid, top, left, edge: tileCells })
  const cellTurns = new Turns(CELLS_AT_ONCE)
  const cells = await Promise.all(
    icons.map(icon =>
      cellTurns.run(async () => ({
        row: icon.i - top,
        column: icon.j - left,
        rgb: await smallIcon(project, icon, size),
      })),
    ),
  )
  const data = await sheetOf(cells, size, QUALITY)
  return project.cached(
    name,
    () => data,
    ({ bytes }) => bytes.length,
  )
}
