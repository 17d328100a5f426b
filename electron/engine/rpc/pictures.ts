import sharp, { type Sharp } from 'sharp'
import { type Picture, type PictureData, sheetCells } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { findIcon } from '../store/icons.ts'
import { tileIcons } from '../store/views.ts'
import type { OpenProject } from './open-project.ts'
import { requirePhotograph } from './photographs.ts'
import { smallIcon } from './small-icons.ts'

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
  const edge = sheetCells * size
  const rgba = new Uint8Array(4 * edge * edge)
  // Pixels are laid out here: composing hundreds of pictures in libvips takes ten times as long.
  await Promise.all(
    icons.map(async icon => {
      const rgb = await smallIcon(project, icon, size)
      const [y, x] = [(icon.i - top) * size, (icon.j - left) * size]
      for (let row = 0; row < size; row++)
        for (let column = 0; column < size; column++) {
          const from = 3 * (row * size + column)
          const to = 4 * ((y + row) * edge + x + column)
          rgba[to] = rgb[from]!
          rgba[to + 1] = rgb[from + 1]!
          rgba[to + 2] = rgb[from + 2]!
          rgba[to + 3] = 255
        }
    }),
  )
  const bytes = await sharp(rgba, { raw: { width: edge, height: edge, channels: 4 } })
    .webp(SHEET)
    .toBuffer()
  const data: PictureData = { type: 'image/webp', bytes: Uint8Array.from(bytes) }
  return project.cached(
    name,
    () => data,
    ({ bytes }) => bytes.length,
  )
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
