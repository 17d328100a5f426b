import { type Picture, parsePicture, pictureUrl, tileCells } from '../../electron/contract/pictures.ts'
import { type PublishedGrid, partNames, publishedIconSizes } from '../../electron/contract/published.ts'
import { fromBase64 } from '../../electron/contract/published-parts.ts'
import type { CellRef, GridRef } from '../../electron/contract/values.ts'
import type { PictureSource } from '../state/pictures.ts'
import { partText, partValue } from './parts.ts'

type IconsPicture = Extract<Picture, { readonly kind: 'icons' }>
type PhotoPicture = Extract<Picture, { readonly kind: 'photo' }>

/** Sheets that are kept: a view of four panes, and what lies around it. */
const KEPT = 160
const sheets = new Map<string, Promise<Blob>>()

/** A picture of the data. */
function sheet(part: string): Promise<Blob> {
  const known = sheets.get(part)
  if (known !== undefined) {
    sheets.delete(part)
    sheets.set(part, known)
    return known
  }
  const read = partText(part).then(text => new Blob([fromBase64(text) as BlobPart], { type: 'image/webp' }))
  sheets.set(part, read)
  read.catch(() => sheets.delete(part))
  const [oldest] = sheets.keys()
  if (sheets.size > KEPT && oldest !== undefined) sheets.delete(oldest)
  return read
}

/** The published size of the icons of a grid for a wanted one: others are drawn from it. */
async function sizeOf(grid: GridRef, wanted: number): Promise<number> {
  const { cells } = await partValue<PublishedGrid>(partNames.grid(grid))
  const [small, large] = publishedIconSizes(cells.i.length)
  return wanted <= small ? small : large
}

/** A tile of icons at a wanted size. */
async function iconTile({ atlas, grid, tileI, tileJ, size }: IconsPicture): Promise<Blob> {
  const published = await sizeOf({ atlas, grid }, size)
  const blob = await sheet(partNames.icons({ atlas, grid }, tileI, tileJ, published))
  if (published === size) return blob
  return square(blob, ({ width, height }) => [0, 0, width, height], tileCells * size)
}

/**
 * Draws a region of a picture as a square.
 * @param regionOf left, top, width and height in pixels of the picture; it may reach beyond it
 * @param edge     of the square, pixels; by default the longer one of the region
 */
async function square(
  blob: Blob,
  regionOf: (picture: ImageBitmap) => readonly [left: number, top: number, width: number, height: number],
  edge?: number,
): Promise<Blob> {
  const picture = await createImageBitmap(blob)
  const [left, top, width, height] = regionOf(picture)
  const side = edge ?? Math.max(1, Math.round(Math.max(width, height)))
  const canvas = document.createElement('canvas')
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, left, top, width, height, 0, 0, side, side)
  picture.close()
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      result => (result === null ? reject(new Error('cannot draw a picture')) : resolve(result)),
      'image/png',
    ),
  )
}

/** The place of the icon of a cell in its sheet. */
async function iconOf({ atlas, grid, i, j }: CellRef): Promise<Blob> {
  const size = await sizeOf({ atlas, grid }, Number.POSITIVE_INFINITY)
  const [tileI, tileJ] = [Math.floor(i / tileCells), Math.floor(j / tileCells)]
  const blob = await sheet(partNames.icons({ atlas, grid }, tileI, tileJ, size))
  return square(blob, () => [(j % tileCells) * size, (i % tileCells) * size, size, size])
}

/** A photograph or a region of it, with the margin of the network grey. */
async function photograph({ image, box }: PhotoPicture): Promise<Blob> {
  const blob = await sheet(partNames.photograph(image))
  if (box === null) return blob
  const { left, top, right, bottom } = box
  return square(blob, ({ width, height }) => [
    ...([left * width, top * height] as const),
    ...([(right - left) * width, (bottom - top) * height] as const),
  ])
}

/** Cells by the key of their icon, of those whose details were read. */
const cellsOfIcons = new Map<string, CellRef>()

/** Remembers which cell an icon belongs to, so that it can be shown by its key. */
export const rememberIcon = (key: string, cell: CellRef): void => void cellsOfIcons.set(key, cell)

async function read(picture: Picture): Promise<Blob> {
  switch (picture.kind) {
    case 'icons':
      return iconTile(picture)
    case 'icon': {
      const cell = cellsOfIcons.get(picture.key)
      if (cell === undefined) throw new Error('this icon is not part of the page')
      return iconOf(cell)
    }
    case 'photo':
      return photograph(picture)
    default:
      throw new Error('this picture is not part of the page')
  }
}

/** Addresses of pictures in the memory of the page; those that were not shown for longest are revoked. */
const addresses = new Map<string, string>()
const ADDRESSES = 600
/** Addresses of pictures that are being read. */
const coming = new Map<string, Promise<string>>()

function remember(key: string, address: string): string {
  addresses.delete(key)
  addresses.set(key, address)
  const [oldest] = addresses
  if (addresses.size > ADDRESSES && oldest !== undefined) {
    addresses.delete(oldest[0])
    URL.revokeObjectURL(oldest[1])
  }
  return address
}

export const publishedPictures: PictureSource = {
  show(picture) {
    const key = pictureUrl(picture)
    const known = addresses.get(key)
    if (known !== undefined) return remember(key, known)
    const address =
      coming.get(key) ??
      read(picture)
        .then(blob => remember(key, URL.createObjectURL(blob)))
        .finally(() => coming.delete(key))
    coming.set(key, address)
    return address
  },
  read: async address => {
    const picture = parsePicture(address)
    if (picture === undefined) throw new Error(`${address} is not part of this page`)
    return read(picture)
  },
}
