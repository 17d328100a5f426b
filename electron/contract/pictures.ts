import { z } from 'zod'
import { AtlasId, Box, Grid, IconKey, ImageId, ProjectKey, Revision } from './values.ts'

/** Cells along each edge of a tile of icons: a pane of 160 × 160 icons takes 100 requests. */
export const tileCells = 16
export const iconSizes = [16, 32, 64, 80] as const
const IconSize = z.literal(iconSizes)
export type IconSize = z.infer<typeof IconSize>

const tile = {
  project: ProjectKey,
  atlas: AtlasId,
  grid: Grid,
  tileI: z.int().min(0).max(255),
  tileJ: z.int().min(0).max(255),
  size: IconSize,
  revision: Revision,
}

/** Everything that the scheme `portolan:` shows. Pictures are known by ids of the project; a path is never a part. */
export const Picture = z.discriminatedUnion('kind', [
  /** 16 × 16 cells of a grid, from row 16·tileI and column 16·tileJ, each `size` px; transparent where none is shown. */
  z.object({ kind: z.literal('icons'), ...tile }).readonly(),
  /** The same with a photograph of each cell, that of the sample nearest to its direction. */
  z.object({ kind: z.literal('crops'), ...tile }).readonly(),
  /** One icon as it was made. */
  z.object({ kind: z.literal('icon'), project: ProjectKey, key: IconKey }).readonly(),
  /** A photograph or a region of it, its longer edge `size` px. */
  z
    .object({
      kind: z.literal('photo'),
      project: ProjectKey,
      image: ImageId,
      box: Box.nullable(),
      size: z.int().min(16).max(4096),
    })
    .readonly(),
  /** A patch as it is kept, with its transparency. */
  z.object({ kind: z.literal('patch'), project: ProjectKey, patch: z.int().positive() }).readonly(),
])
export type Picture = z.infer<typeof Picture>

export const PictureData = z
  .object({ type: z.enum(['image/webp', 'image/png', 'image/jpeg']), bytes: z.instanceof(Uint8Array) })
  .readonly()
export type PictureData = z.infer<typeof PictureData>

/** Address of a picture, such as `portolan://icons/0123456789abcdef/3/20/0,1@64?r=12`. */
export const pictureUrl = (picture: Picture): string => {
  switch (picture.kind) {
    case 'icons':
    case 'crops':
      return `portolan://${picture.kind}/${picture.project}/${picture.atlas}/${picture.grid}/${picture.tileI},${picture.tileJ}@${picture.size}?r=${picture.revision}`
    case 'icon':
      return `portolan://icon/${picture.project}/${picture.key}`
    case 'photo': {
      const box = picture.box
      const region = box === null ? '' : `box=${box.left},${box.top},${box.right},${box.bottom}&`
      return `portolan://photo/${picture.project}/${picture.image}?${region}size=${picture.size}`
    }
    case 'patch':
      return `portolan://patch/${picture.project}/${picture.patch}`
  }
}

const number = '(-?\\d+(?:\\.\\d+)?(?:e-?\\d+)?)'
const forms = {
  tile: /^portolan:\/\/(icons|crops)\/([0-9a-f]{16})\/(\d{1,15})\/(\d{1,4})\/(\d{1,3}),(\d{1,3})@(\d{2})\?r=(\d{1,15})$/,
  icon: /^portolan:\/\/icon\/([0-9a-f]{16})\/([0-9a-f]{16,64})$/,
  photo: new RegExp(
    `^portolan://photo/([0-9a-f]{16})/(\\d{1,15})\\?(?:box=${number},${number},${number},${number}&)?size=(\\d{2,4})$`,
  ),
  patch: /^portolan:\/\/patch\/([0-9a-f]{16})\/(\d{1,15})$/,
} as const

/**
 * Reads an address literally, without decoding or resolving anything: what `pictureUrl` would not have written, such as
 * `..`, an encoded slash or a path, is not a picture.
 * @returns undefined for everything else
 */
export const parsePicture = (url: string): Picture | undefined => {
  const tile = forms.tile.exec(url)
  if (tile !== null) {
    const [atlas, grid, tileI, tileJ, size, revision] = tile.slice(3).map(Number)
    return accepted({ kind: tile[1], project: tile[2], atlas, grid, tileI, tileJ, size, revision })
  }
  const icon = forms.icon.exec(url)
  if (icon !== null) return accepted({ kind: 'icon', project: icon[1], key: icon[2] })
  const patch = forms.patch.exec(url)
  if (patch !== null) return accepted({ kind: 'patch', project: patch[1], patch: Number(patch[2]) })
  const photo = forms.photo.exec(url)
  if (photo === null) return undefined
  const [image, left, top, right, bottom, size] = photo.slice(2).map(Number)
  const box = photo[3] === undefined ? null : { left, top, right, bottom }
  return accepted({ kind: 'photo', project: photo[1], image, box, size })
}

const accepted = (given: unknown): Picture | undefined => {
  const parsed = Picture.safeParse(given)
  return parsed.success ? parsed.data : undefined
}
