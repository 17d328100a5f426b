import { basename } from 'node:path'
import sharp from 'sharp'
import type { Cells, SampleCrop } from '../../contract/atlas.ts'
import { type ClassAtlas, gridNear, originGrid, stripGrid } from '../../contract/class-atlas.ts'
import { tileCells } from '../../contract/pictures.ts'
import {
  hiddenSlot,
  outsideSlot,
  type PublishedAttribution,
  type PublishedDetails,
  type PublishedGrid,
  type PublishedLayers,
  type PublishedSamples,
} from '../../contract/published.ts'
import type { GridRef } from '../../contract/values.ts'
import { OUTSIDE } from '../layout/cell-sums.ts'
import { requireAtlas, slotsOf } from '../query/atlas-records.ts'
import { classAttributions } from '../query/attribution.ts'
import { photoPicture } from '../query/photo-picture.ts'
import { drawIconTile } from '../query/pictures.ts'
import type { TileEncoding } from '../query/tile-pixels.ts'
import type { Chosen } from './chosen.ts'
import type { PublishedSource } from './source.ts'

/** Classes that each cell lists, for and against. */
const CLASSES = 10
/** Published photographs of each cell. */
const PHOTOGRAPHS = 6
/** Longer edge of published photographs, pixels. */
const PHOTOGRAPH_EDGE = 256
/** Of a comparison, as many cells as its list may show. */
const RANKED = 1000
const ICONS: TileEncoding = { quality: 72, effort: 4 }

export interface Tile {
  readonly tileI: number
  readonly tileJ: number
}

/** The tiles of a grid that hold cells. */
export function tilesOf({ i, j }: Pick<Cells, 'i' | 'j'>): readonly Tile[] {
  const tiles = new Map<string, Tile>()
  for (let k = 0; k < i.length; k++) {
    const [tileI, tileJ] = [Math.floor(i[k]! / tileCells), Math.floor(j[k]! / tileCells)]
    tiles.set(`${tileI},${tileJ}`, { tileI, tileJ })
  }
  return [...tiles.values()]
}

export async function gridPart({ ask }: PublishedSource, grid: GridRef): Promise<PublishedGrid> {
  return {
    cells: await ask('atlas.cells', grid),
    labels: await ask('atlas.labels', grid),
    classes: await ask('atlas.classes', { ...grid, each: CLASSES }),
    fidelity: await ask('atlas.fidelity', grid),
    stability: await ask('atlas.stability', grid),
  }
}

/** The part of a grid of a class atlas or comparison. */
export async function classGridPart(
  source: PublishedSource,
  { id, scope, from }: ClassAtlas,
  grid: number,
  { atlases }: Chosen,
): Promise<PublishedGrid> {
  const { ask } = source
  const ref = { atlas: id, grid }
  const whole = atlases.find(atlas => atlas.id === from)!
  const to = { atlas: whole.id, grid: gridNear(whole, originGrid)! }
  const origins = { to, value: await ask('classAtlas.origins', { ...ref, to }) }
  const part = { ...(await gridPart(source, ref)), origins }
  if (scope.kind === 'class') return { ...part, classCells: await ask('classAtlas.cells', ref) }
  const side = async (swap: boolean) => ({
    cells: await ask('comparison.cells', { ...ref, swap }),
    ranked: await ask('comparison.ranked', { ...ref, swap, toward: 'both', limit: RANKED }),
  })
  const [own, swapped] = [await side(false), await side(true)]
  return { ...part, comparison: [own.cells, swapped.cells], ranked: [own.ranked, swapped.ranked] }
}

/** The shares of the cells of all published layers in what a class atlas or comparison is about. */
export async function layersPart(
  { ask }: PublishedSource,
  { scope, model }: ClassAtlas,
  { atlases }: Chosen,
): Promise<PublishedLayers> {
  const grids = atlases
    .filter(atlas => atlas.model === model)
    .slice(0, 16)
    .map(atlas => ({ atlas: atlas.id, grid: gridNear(atlas, stripGrid)! }))
  const sides: readonly (readonly [number, number | null])[] =
    scope.kind === 'class'
      ? [[scope.class, null]]
      : [
          [scope.right, scope.left],
          [scope.left, scope.right],
        ]
  const parts: PublishedLayers[number][] = []
  for (const [index, against] of sides)
    parts.push({
      class: index,
      against,
      shares: await ask('classAtlas.layers', { grids, class: index, against }),
    })
  return parts
}

/** Attributions to some classes, each in 127 steps of its larger extreme. */
export async function attributionPart(
  { project }: PublishedSource,
  { atlas, grid }: GridRef,
  classes: readonly number[],
): Promise<PublishedAttribution> {
  const { values, max, min, known, of } = await classAttributions(project, requireAtlas(project, atlas), grid, classes)
  const cells = values.length / classes.length
  const steps = Int8Array.from(values, (value, at) => {
    const one = Math.floor(at / cells)
    const extreme = Math.max(max[one]!, -min[one]!)
    return extreme === 0 ? 0 : Math.round((127 * value) / extreme)
  })
  return { steps, max, min, known: Uint32Array.from(known), of }
}

/** The details of the cells of one tile. */
export async function detailsPart(
  { details }: PublishedSource,
  grid: GridRef,
  { i, j }: Pick<Cells, 'i' | 'j'>,
  { tileI, tileJ }: Tile,
  photographs: boolean,
): Promise<PublishedDetails> {
  const cells = Array.from(i, (row, k) => ({ i: row, j: j[k]! })).filter(
    cell => Math.floor(cell.i / tileCells) === tileI && Math.floor(cell.j / tileCells) === tileJ,
  )
  const found = await details(grid, cells, { classes: CLASSES, nearest: photographs ? PHOTOGRAPHS : 0 })
  return found.map(detail => ({
    ...detail,
    // The page has no icons of channels, and finds the neighbours itself.
    channels: [],
    neighbours: [],
    nearest: detail.nearest.filter(({ available }) => available).map(withoutPath),
  }))
}

/** Paths of this machine are nobody's business. */
const withoutPath = (crop: SampleCrop): SampleCrop => ({ ...crop, file: basename(crop.file) })

export function samplesPart({ project }: PublishedSource, { atlas, grid }: GridRef): PublishedSamples {
  const slots = slotsOf(project, requireAtlas(project, atlas), grid)
  return {
    slots: Uint32Array.from(slots, slot => (slot >= 0 ? slot : slot === OUTSIDE ? outsideSlot : hiddenSlot)),
  }
}

/** WebP. */
export const iconsPart = async (
  { project }: PublishedSource,
  grid: GridRef,
  tile: Tile,
  size: number,
): Promise<Uint8Array> => (await drawIconTile(project, { ...grid, ...tile, size }, ICONS)).bytes

/** WebP. @throws UserError when the photograph is missing or has changed */
export async function photographPart({ project }: PublishedSource, image: number): Promise<Uint8Array> {
  const { bytes } = await photoPicture(project, image, null, PHOTOGRAPH_EDGE)
  return new Uint8Array(await sharp(bytes).webp({ quality: 78 }).toBuffer())
}
