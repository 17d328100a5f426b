import sharp from 'sharp'
import { UserError } from '../../contract/errors.ts'
import { type Picture, type PictureData, tileCells } from '../../contract/pictures.ts'
import type { Box } from '../../contract/values.ts'
import { PICTURES_AT_ONCE } from '../images/bounds.ts'
import { Turns } from '../images/turns.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import { cellsOf, requireAtlas } from './atlas-records.ts'
import { cropsOfSamples } from './crops.ts'
import { modelOf } from './model-records.ts'
import { nearestSamples } from './nearest-samples.ts'
import { photoPicture } from './photo-picture.ts'
import type { Project } from './project.ts'
import { type SheetCell, sheetOf } from './sheet-pixels.ts'

/** Crops are photographs: at 82 nobody sees a difference at the size of an icon. */
const QUALITY = 82

type Sheet = Extract<Picture, { readonly kind: 'crops' }>

interface Wanted {
  readonly row: number
  readonly column: number
  readonly image: number
  readonly box: Box
}

/**
 * What a unit mostly looks at: the middle half of its receptive field (what lies further out hardly counts; Luo et al.,
 * Effective Receptive Field, 2016), pushed into the photograph, of which deep layers would else show mostly the border.
 */
export function middleOf({ left, top, right, bottom }: Box): Box {
  const side = (from: number, to: number): readonly [number, number] => {
    const length = Math.min(1, (to - from) / 2)
    const start = Math.min(1 - length, Math.max(0, (from + to - length) / 2))
    return [start, start + length]
  }
  const [x, y] = [side(left, right), side(top, bottom)]
  return { left: x[0], top: y[0], right: x[1], bottom: y[1] }
}

/**
 * Of every shown cell the photograph nearest to its direction, cut to what the unit mostly looked at. A cell whose
 * photographs are not on this machine stays transparent, as one without an icon does.
 */
export async function cropSheet(
  project: Project,
  { atlas: id, grid, tileI, tileJ, size }: Sheet,
): Promise<PictureData> {
  // Which photograph is nearest does not depend on icons: the revision is no part of the name.
  const name = `crops ${id} ${grid} ${tileI} ${tileJ} ${size}`
  const known = project.peek<PictureData>(name)
  if (known !== undefined) return known
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
    // A sheet says nothing of distances.
    inside.map(({ sample }) => ({ sample, distance: Number.NaN })),
  )
  const wanted = inside.flatMap(({ row, column }, k): Wanted[] => {
    const { available, image, box } = crops[k]!
    return available ? [{ row, column, image, box: middleOf(box) }] : []
  })
  const turns = new Turns(PICTURES_AT_ONCE)
  const found = await Promise.all(
    wanted.map(({ row, column, image, box }) =>
      turns.run(async () => ({ row, column, rgb: await cropOf(project, image, box, size) })),
    ),
  )
  const drawn = found.filter((cell): cell is SheetCell => cell.rgb !== undefined)
  const data = await sheetOf(drawn, size, QUALITY)
  // A photograph that is away or another one may be back at the next look.
  if (drawn.length < inside.length) return data
  return project.cached(
    name,
    () => data,
    () => data.bytes.length,
  )
}

/** @returns [size, size, 3]; undefined where the file went away or is damaged */
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
