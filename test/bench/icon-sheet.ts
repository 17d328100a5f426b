import sharp from 'sharp'
import { contactSheet, type Picture } from '../../electron/engine/images/encode.ts'
import { Random } from '../../electron/engine/random/random.ts'
import type { Square } from './picture-statistics.ts'

/** Edge of a picture of the sheet in pixels, cells in a row of it, and the gap between cells. */
const EDGE = 96
const CELLS_IN_ROW = 5
const GAP = 6

/** A sheet for the eye, and which icon is where. */
export interface Sheet {
  readonly picture: Picture
  /** For each cell the presets from left to right. */
  readonly order: readonly (readonly string[])[]
}

/**
 * Cells side by side: the icon of each preset, then real crops.
 * @param icons  of each preset, in the order of the cells
 * @param crops  of each cell
 * @param blind  a seed that shuffles the icons of each cell, so that the eye does not know which is which
 */
export async function iconSheet(
  icons: ReadonlyMap<string, readonly Square[]>,
  crops: readonly (readonly Square[])[],
  blind?: number,
): Promise<Sheet> {
  const names = [...icons.keys()]
  const order = crops.map((_, cell) =>
    blind === undefined ? names : shuffled(names, new Random('blind', blind, cell)),
  )
  const strips = await Promise.all(
    crops.map(async (real, cell) => {
      const pictures = [...order[cell]!.map(name => icons.get(name)![cell]!), ...real]
      return contactSheet(await Promise.all(pictures.map(scaled)), pictures.length)
    }),
  )
  return { picture: contactSheet(strips, Math.min(CELLS_IN_ROW, strips.length), GAP, 255), order }
}

async function scaled({ rgb, size }: Square): Promise<Picture> {
  const raw = { width: size, height: size, channels: 3 as const }
  return { rgb: await sharp(rgb, { raw }).resize(EDGE, EDGE).raw().toBuffer(), width: EDGE, height: EDGE }
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const rest = [...values]
  return values.map(() => rest.splice(random.below(rest.length), 1)[0]!)
}
