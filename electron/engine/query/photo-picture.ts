import sharp, { type Sharp } from 'sharp'
import type { PictureData } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { readPhotograph } from '../photographs/read.ts'
import type { Project } from './project.ts'

/**
 * A photograph, or a region of it that may reach beyond its edges.
 * @throws UserError when its file is missing or has changed
 */
export async function photoPicture(
  project: Project,
  image: number,
  box: Box | null,
  size: number,
): Promise<PictureData> {
  const name = `photo ${image} ${JSON.stringify(box)} ${size}`
  const cached = project.peek<PictureData>(name)
  if (cached !== undefined) return cached
  const { bytes: content } = await readPhotograph(project.db, image)
  const upright = sharp(content, { failOn: 'none', limitInputPixels: BOUNDS.photographPixels }).autoOrient()
  const shown = box === null ? upright.resize(size, size, { fit: 'inside' }) : await region(upright, box, size)
  const bytes = await shown.flatten({ background: '#808080' }).toColourspace('srgb').jpeg({ quality: 88 }).toBuffer()
  const data: PictureData = { type: 'image/jpeg', bytes: Uint8Array.from(bytes) }
  return project.cached(
    name,
    () => data,
    ({ bytes }) => bytes.length,
  )
}

/** Background beyond a photograph: a dark grey for the network's padding. */
const BEYOND = { r: 28, g: 28, b: 30 }

/** A range of pixels along one edge. */
interface Span {
  readonly from: number
  readonly length: number
}

/** The range of a box along an edge, and its part inside the photograph. */
const along = (low: number, high: number, pixels: number): { readonly full: Span; readonly inside: Span | null } => {
  const from = Math.round(low * pixels)
  const to = Math.max(from + 1, Math.round(high * pixels))
  const [start, end] = [Math.max(0, from), Math.min(pixels, to)]
  return {
    full: { from, length: to - from },
    inside: start < end ? { from: start, length: end - start } : null,
  }
}

/**
 * The part of a box inside the photograph is resized first, and then extended to the box, so that memory does not depend
 * on how far the box reaches beyond the photograph.
 */
async function region(image: Sharp, box: Box, size: number): Promise<Sharp> {
  const { autoOrient } = await image.metadata()
  const x = along(box.left, box.right, autoOrient.width)
  const y = along(box.top, box.bottom, autoOrient.height)
  const scale = size / Math.max(x.full.length, y.full.length)
  const [width, height] = [x, y].map(({ full }) => Math.max(1, Math.round(full.length * scale))) as [number, number]
  if (x.inside === null || y.inside === null)
    return sharp({ create: { width, height, channels: 3, background: BEYOND } })
  const [across, down] = [placed(x.inside, x.full, scale, width), placed(y.inside, y.full, scale, height)]
  return image
    .extract({ left: x.inside.from, top: y.inside.from, width: x.inside.length, height: y.inside.length })
    .resize(across.length, down.length, { fit: 'fill' })
    .extend({
      left: across.from,
      top: down.from,
      right: width - across.from - across.length,
      bottom: height - down.from - down.length,
      background: BEYOND,
    })
}

/** The range of the inside in a picture of `pixels` pixels: at least one pixel, clipped to the picture. */
const placed = (inside: Span, full: Span, scale: number, pixels: number): Span => {
  const length = Math.min(pixels, Math.max(1, Math.round(inside.length * scale)))
  const from = Math.min(pixels - length, Math.max(0, Math.round((inside.from - full.from) * scale)))
  return { from, length }
}
