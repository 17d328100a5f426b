import sharp, { type Sharp } from 'sharp'
import type { PictureData } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import type { OpenProject } from './open-project.ts'
import { requirePhotograph } from './photographs.ts'

/** A photograph, or a region of it that may reach beyond its edges. */
export async function photoPicture(
  project: OpenProject,
  image: number,
  box: Box | null,
  size: number,
): Promise<PictureData> {
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
