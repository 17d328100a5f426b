import sharp, { type Sharp } from 'sharp'
import { InversionSchema } from '../../contract/inversion.ts'
import { type Picture, type PictureData, sheetCells } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { unseenMargin } from '../atlas/picture.ts'
import { findIcon } from '../store/icons.ts'
import { type TileIcon, tileIcons } from '../store/views.ts'
import type { OpenProject } from './open-project.ts'
import { requirePhotograph } from './photographs.ts'

/** Quality of sheets: at 92 no difference is seen, and they take a third of the lossless bytes and a tenth of the time. */
const SHEET = { quality: 92, alphaQuality: 100, effort: 0 } as const

/** @returns null where the project has no such picture */
export async function pictureOf(project: OpenProject, picture: Picture): Promise<PictureData | null> {
  switch (picture.kind) {
    case 'icon': {
      const webp =
        findIcon(project.db, picture.key)?.webp ?? project.peek<{ webp: Uint8Array }>(`icon ${picture.key}`)?.webp
      return webp ? { type: 'image/webp', bytes: Uint8Array.from(webp) } : null
    }
    case 'icons':
      return sheet(project, picture)
    // Patches are not kept by this engine as yet: no project has one.
    case 'patch':
      return null
    case 'photo':
      return photo(project, picture.image, picture.box, picture.size)
  }
}

type Sheet = Extract<Picture, { readonly kind: 'icons' }>

async function sheet(project: OpenProject, { atlas, grid, tileI, tileJ, size, revision }: Sheet): Promise<PictureData> {
  const name = `sheet ${atlas} ${grid} ${tileI} ${tileJ} ${size} ${revision}`
  const known = project.peek<PictureData>(name)
  if (known !== undefined) return known
  const [top, left] = [tileI * sheetCells, tileJ * sheetCells]
  const icons = tileIcons(project.db, { atlas, grid, top, left, edge: sheetCells })
  const drawn = await Promise.all(
    icons.map(async icon => ({
      input: await shrunk(icon, size),
      raw: { width: size, height: size, channels: 3 as const },
      left: (icon.j - left) * size,
      top: (icon.i - top) * size,
    })),
  )
  const edge = sheetCells * size
  const bytes = await sharp({ create: { width: edge, height: edge, channels: 4, background: '#00000000' } })
    .composite(drawn)
    .webp(SHEET)
    .toBuffer()
  const data: PictureData = { type: 'image/webp', bytes: Uint8Array.from(bytes) }
  return project.cached(
    name,
    () => data,
    ({ bytes }) => bytes.length,
  )
}

/** An icon without the margin that its optimisation hardly looked at. @returns [size, size, 3] */
const shrunk = async ({ webp, preset }: TileIcon, size: number): Promise<Buffer> => {
  const { data, info } = await sharp(webp).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const cut = Math.floor(info.width * marginOf(preset))
  return sharp(data, { raw: info })
    .extract({ left: cut, top: cut, width: info.width - 2 * cut, height: info.height - 2 * cut })
    .resize(size, size)
    .raw()
    .toBuffer()
}

/** A project's icons are made in a few ways only: each is read once. */
const margins = new Map<string, number>()
const marginOf = (preset: string): number => {
  const known = margins.get(preset)
  if (known !== undefined) return known
  const margin = unseenMargin(InversionSchema.parse(JSON.parse(preset)))
  margins.set(preset, margin)
  return margin
}

/** A photograph, or a region of it that may reach beyond its edges. */
async function photo(project: OpenProject, image: number, box: Box | null, size: number): Promise<PictureData> {
  const name = `photo ${image} ${JSON.stringify(box)} ${size}`
  const known = project.peek<PictureData>(name)
  if (known !== undefined) return known
  const { file } = requirePhotograph(project, image)
  const upright = sharp(file, { failOn: 'none' }).autoOrient()
  const shown = box === null ? upright.resize(size, size, { fit: 'inside' }) : await region(upright, box, size)
  const bytes = await shown.flatten({ background: '#808080' }).toColourspace('srgb').jpeg({ quality: 88 }).toBuffer()
  const data: PictureData = { type: 'image/jpeg', bytes: Uint8Array.from(bytes) }
  return project.cached(
    name,
    () => data,
    ({ bytes }) => bytes.length,
  )
}

/** What lies beyond a photograph: a dark grey, because the network's padding is no picture either. */
const BEYOND = { r: 28, g: 28, b: 30 }

async function region(image: Sharp, box: Box, size: number): Promise<Sharp> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const [left, top] = [Math.round(box.left * width), Math.round(box.top * height)]
  const [right, bottom] = [
    Math.max(left + 1, Math.round(box.right * width)),
    Math.max(top + 1, Math.round(box.bottom * height)),
  ]
  const inside = {
    left: Math.min(width - 1, Math.max(0, left)),
    top: Math.min(height - 1, Math.max(0, top)),
    right: Math.max(1, Math.min(width, right)),
    bottom: Math.max(1, Math.min(height, bottom)),
  }
  const crop = await sharp(data)
    .extract({
      left: inside.left,
      top: inside.top,
      width: Math.max(1, inside.right - inside.left),
      height: Math.max(1, inside.bottom - inside.top),
    })
    .extend({
      left: inside.left - Math.min(left, inside.left),
      top: inside.top - Math.min(top, inside.top),
      right: Math.max(right, inside.right) - inside.right,
      bottom: Math.max(bottom, inside.bottom) - inside.bottom,
      background: BEYOND,
    })
    .png({ compressionLevel: 0 })
    .toBuffer()
  return sharp(crop).resize(size, size, { fit: 'inside' })
}
