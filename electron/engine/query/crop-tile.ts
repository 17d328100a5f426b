import sharp from 'sharp'
import { UserError } from '../../contract/errors.ts'
import { type Picture, type PictureData, tileCells } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import { Turns } from '../images/turns.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { cellsOf, requireAtlas } from './atlas-records.ts'
import { cropsOfSamples } from './crops.ts'
import { modelOf } from './model-records.ts'
import { nearestSamples } from './nearest-samples.ts'
import { photoPicture } from './photo-picture.ts'
import type { Project } from './project.ts'
import { encodeTile, type TileCell } from './tile-pixels.ts'

/** WebP quality: at the size of an icon no difference is visible. */
const QUALITY = 82

type Tile = Extract<Picture, { readonly kind: 'crops' }>

interface CropOrder {
  readonly row: number
  readonly column: number
  readonly image: number
  readonly box: Box
}

/**
 * The centre half of a unit's receptive field, where its effective receptive field is (Luo et al., Effective Receptive
 * Field, 2016), moved inside the photograph, because units of deep layers would otherwise show mostly the border.
 */
export function centreOf({ left, top, right, bottom }: Box): Box {
  const side = (from: number, to: number): readonly [number, number] => {
    const length = Math.min(1, (to - from) / 2)
    const start = Math.min(1 - length, Math.max(0, (from + to - length) / 2))
    return [start, start + length]
  }
  const [x, y] = [side(left, right), side(top, bottom)]
  return { left: x[0], top: y[0], right: x[1], bottom: y[1] }
}

/**
 * For every shown cell the photograph nearest to its direction, cropped to the centre of the unit's receptive field. A
 * cell whose photographs are not on this machine stays transparent, as one without an icon.
 */
export async function cropTile(project: Project, { atlas: id, grid, tileI, tileJ, size }: Tile): Promise<PictureData> {
  // The nearest photograph does not depend on icons, so the revision is not part of the name.
  const name = `crops ${id} ${grid} ${tileI} ${tileJ} ${size}`
  const cached = project.peek<PictureData>(name)
  if (cached !== undefined) return cached
  const atlas = requireAtlas(project, id)
  const model = modelOf(project, atlas)
  const [top, left] = [tileI * tileCells, tileJ * tileCells]
  const nearest = await nearestSamples(project, atlas, grid)
  const inside = cellsOf(project, atlas, grid).flatMap(({ i, j }, slot) => {
    const [row, column] = [i - top, j - left]
    const here = row >= 0 && row < tileCells && column >= 0 && column < tileCells && nearest[slot]! >= 0
    return here ? [{ row, column, sample: nearest[slot]! }] : []
  })
  const crops = await cropsOfSamples(
    project,
    { atlas, model },
    // A tile does not show distances.
    inside.map(({ sample }) => ({ sample, distance: Number.NaN })),
  )
  const orders = inside.flatMap(({ row, column }, k): CropOrder[] => {
    const { available, image, box } = crops[k]!
    return available ? [{ row, column, image, box: centreOf(box) }] : []
  })
  const turns = new Turns(BOUNDS.picturesAtOnce)
  const cropped = await Promise.all(
    orders.map(({ row, column, image, box }) =>
      turns.run(async () => ({ row, column, rgb: await cropOf(project, image, box, size) })),
    ),
  )
  const drawn = cropped.filter((cell): cell is TileCell => cell.rgb !== undefined)
  const data = await encodeTile(drawn, size, { quality: QUALITY, effort: 0 })
  // Not cached: a missing or replaced photograph may be restored.
  if (drawn.length < inside.length) return data
  return project.cached(
    name,
    () => data,
    () => data.bytes.length,
  )
}

/** @returns [size, size, 3]; undefined when the file is missing or damaged */
async function cropOf(project: Project, image: number, box: Box, size: number): Promise<Uint8Array | undefined> {
  try {
    const { bytes } = await photoPicture(project, image, box, Math.max(32, size))
    return await sharp(bytes).resize(size, size, { fit: 'fill' }).removeAlpha().raw().toBuffer()
  } catch (error) {
    if (
      error instanceof UserError ||
      error instanceof UnreadableImage ||
      (error instanceof Error && /Input|unsupported|corrupt/i.test(error.message))
    )
      return undefined
    throw error
  }
}
