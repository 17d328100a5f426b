import sharp, { type Sharp } from 'sharp'
import { InversionSchema } from '../../contract/inversion.ts'
import { type Picture, type PictureData, sheetCells } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { unseenMargin } from '../atlas/picture.ts'
import { shrink } from '../images/shrink.ts'
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
  const edge = sheetCells * size
  const rgba = new Uint8Array(4 * edge * edge)
  // Pixels are laid out here: composing hundreds of pictures in libvips takes ten times as long.
  await Promise.all(
    icons.map(async icon => {
      const rgb = await shrunk(project, icon, size)
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

/** Edge of the small pictures that are kept in memory: 25,600 of them take 79 MB. */
const SMALL = 32

/** An icon without the margin that its optimisation hardly looked at. @returns [size, size, 3] */
async function shrunk(project: OpenProject, icon: TileIcon, size: number): Promise<Uint8Array> {
  const small = project.peek<Uint8Array>(smallName(icon))
  if (small !== undefined && size <= SMALL) return shrink(small, SMALL, size)
  const { cut, inner } = insideOf(icon.preset)
  const inside = sharp(icon.webp).extract({ left: cut, top: cut, width: inner, height: inner }).removeAlpha().raw()
  if (inner < size) return inside.resize(size, size).toBuffer()
  const rgb = await inside.toBuffer()
  if (inner >= SMALL)
    project.cached(
      smallName(icon),
      () => shrink(rgb, inner, SMALL),
      ({ length }) => length,
    )
  return shrink(rgb, inner, size)
}

/** A draft and what takes its place have one key, and are made in different ways. */
const smallName = ({ key, preset }: TileIcon): string => `small ${key} ${preset.includes('"draft":true')}`

interface Inside {
  readonly cut: number
  readonly inner: number
}

/** A project's icons are made in a few ways only: each is read once. */
const insides = new Map<string, Inside>()
const insideOf = (preset: string): Inside => {
  const known = insides.get(preset)
  if (known !== undefined) return known
  const inversion = InversionSchema.parse(JSON.parse(preset))
  const cut = Math.floor(inversion.size * unseenMargin(inversion))
  const inside = { cut, inner: inversion.size - 2 * cut }
  insides.set(preset, inside)
  return inside
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
