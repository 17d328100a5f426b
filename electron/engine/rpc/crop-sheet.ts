import sharp from 'sharp'
import { UserError } from '../../contract/errors.ts'
import { type Picture, type PictureData, sheetCells } from '../../contract/pictures.ts'
import { asFloat32 } from '../store/bytes.ts'
import { sampleSet } from '../store/samples.ts'
import { cellRow } from '../store/views.ts'
import { cellsOf, requireAtlas } from './atlas-records.ts'
import { cropsOfCell } from './crops.ts'
import type { OpenProject } from './open-project.ts'
import { photoPicture } from './photo-picture.ts'
import { type SheetCell, sheetOf } from './sheet-pixels.ts'

/** Crops are photographs: at 82 nobody sees a difference at the size of an icon. */
const QUALITY = 82

type Sheet = Extract<Picture, { readonly kind: 'crops' }>

/**
 * Of every shown cell the photograph nearest to its direction, cut to what the unit saw of it. A cell whose
 * photographs are not on this machine stays transparent, as one without an icon does.
 */
export async function cropSheet(
  project: OpenProject,
  { atlas: id, grid, tileI, tileJ, size }: Sheet,
): Promise<PictureData> {
  // Which photograph is nearest does not depend on icons: the revision is no part of the name.
  const name = `crops ${id} ${grid} ${tileI} ${tileJ} ${size}`
  const known = project.peek<PictureData>(name)
  if (known !== undefined) return known
  const atlas = requireAtlas(project, id)
  const { model } = sampleSet(project.db, atlas.set)!
  const [top, left] = [tileI * sheetCells, tileJ * sheetCells]
  const inside = ({ i, j }: { readonly i: number; readonly j: number }): boolean =>
    i >= top && i < top + sheetCells && j >= left && j < left + sheetCells
  const drawn: SheetCell[] = []
  for (const { i, j } of cellsOf(project, atlas, grid).filter(inside)) {
    const direction = cellRow(project.db, { atlas: id, grid, i, j })?.direction
    if (direction == null) continue
    const cell = { grid, i, j }
    const [crop] = cropsOfCell(project, { atlas, model, cell, direction: asFloat32(direction) }, 0, 1)
    const rgb = crop?.available ? await cropOf(project, crop.image, crop.box, size) : undefined
    if (rgb !== undefined) drawn.push({ row: i - top, column: j - left, rgb })
  }
  const data = await sheetOf(drawn, size, QUALITY)
  return project.cached(
    name,
    () => data,
    () => data.bytes.length,
  )
}

/** @returns [size, size, 3]; undefined where the file went away or is damaged */
async function cropOf(
  project: OpenProject,
  image: number,
  box: Parameters<typeof photoPicture>[2],
  size: number,
): Promise<Uint8Array | undefined> {
  try {
    const { bytes } = await photoPicture(project, image, box, Math.max(32, size))
    return await sharp(bytes).resize(size, size, { fit: 'fill' }).removeAlpha().raw().toBuffer()
  } catch (error) {
    if (error instanceof UserError || (error instanceof Error && /Input|unsupported|corrupt/i.test(error.message)))
      return undefined
    throw error
  }
}
