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
  const edge = tileCells * size
  return drawn(edge, edge, (context, from) => context.drawImage(from, 0, 0, edge, edge), blob)
}

/** Draws from a picture. */
async function drawn(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D, from: ImageBitmap) => void,
  blob: Blob,
): Promise<Blob> {
  const from = await createImageBitmap(blob)
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')!
  context.imageSmoothingQuality = 'high'
  draw(context, from)
  from.close()
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
  const [x, y] = [(j % tileCells) * size, (i % tileCells) * size]
  return drawn(size, size, (context, from) => context.drawImage(from, x, y, size, size, 0, 0, size, size), blob)
}

/** A photograph or a region of it, with the margin of the network grey. */
async function photograph({ image, box }: PhotoPicture): Promise<Blob> {
  const blob = await sheet(partNames.photograph(image))
  if (box === null) return blob
  const whole = await createImageBitmap(blob)
  const [width, height] = [(box.right - box.left) * whole.width, (box.bottom - box.top) * whole.height]
  whole.close()
  const side = Math.max(1, Math.round(Math.max(width, height)))
  return drawn(
    side,
    side,
    (context, from) =>
      context.drawImage(from, box.left * from.width, box.top * from.height, width, height, 0, 0, side, side),
    blob,
  )
}

/** Cells by the key of their icon, as far as they were asked for. */
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

/** Addresses of pictures in the memory of the page; the oldest are given up. */
const addresses = new Map<string, string>()
const ADDRESSES = 600

export const publishedPictures: PictureSource = {
  show(picture) {
    const key = pictureUrl(picture)
    const known = addresses.get(key)
    if (known !== undefined) return known
    return read(picture).then(blob => {
      const address = addresses.get(key) ?? URL.createObjectURL(blob)
      addresses.set(key, address)
      const [oldest] = addresses
      if (addresses.size > ADDRESSES && oldest !== undefined) {
        addresses.delete(oldest[0])
        URL.revokeObjectURL(oldest[1])
      }
      return address
    })
  },
  read: async address => {
    const picture = parsePicture(address)
    if (picture === undefined) throw new Error(`${address} is not part of this page`)
    return read(picture)
  },
}
