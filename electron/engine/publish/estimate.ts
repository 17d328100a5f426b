import { type PublishChoice, type PublishEstimate, partNames, publishedIconSizes } from '../../contract/published.ts'
import { pack, toBase64 } from '../../contract/published-parts.ts'
import type { GridRef } from '../../contract/values.ts'
import { requireAtlas } from '../query/atlas-records.ts'
import { creditOf } from '../store/credits.ts'
import { allImages } from '../store/photographs.ts'
import { imagesOfSet } from '../store/samples.ts'
import { blocksOf, type Outline, outlineOf, partOfGrid } from './contents.ts'
import { pageFiles } from './page.ts'
import * as parts from './parts.ts'
import { partScript } from './publish.ts'
import type { PublishedSource } from './source.ts'

/** Photographs that are drawn for the estimate. */
const DRAWN = 12

/** Middle ones of some values: the edges of maps are thinner. */
const middle = <T>(values: readonly T[]): T => values[Math.floor(values.length / 2)]!

/**
 * The bytes of a page, from some of its parts: of every grid the tile in the middle and one part of attributions, and a
 * few photographs.
 * @throws UserError as publishing does
 */
export async function estimate(
  source: PublishedSource,
  choice: PublishChoice,
  signal: AbortSignal,
): Promise<PublishEstimate> {
  const outline = await outlineOf(source, choice)
  const bytes = { icons: 0, cells: 0, 'class filter': 0, 'links between layers': 0, photographs: 0 }
  for (const each of outline.grids) {
    const { atlas, grid, whole, shown } = each
    signal.throwIfAborted()
    const ref = { atlas, grid }
    const part = await partOfGrid(source, outline, each)
    bytes.cells += await written(partNames.grid(ref), part)
    const { icons, cells } = await ofTile(source, ref, part.cells, choice)
    bytes.icons += icons * shown
    bytes.cells += cells * shown
    if (!whole) continue
    const blocks = blocksOf(outline, atlas)
    if (blocks.length > 0)
      bytes['class filter'] +=
        (await written(partNames.attribution(ref, 0), await parts.attributionPart(source, ref, middle(blocks)))) *
        (outline.chosen.classes[outline.chosen.atlases.find(({ id }) => id === atlas)!.model]!.length /
          middle(blocks).length)
    if (outline.followed)
      bytes['links between layers'] += await written(partNames.samples(ref), parts.samplesPart(source, ref))
  }
  const photographs = choice.photographs ? await ofPhotographs(source, outline) : { bytes: 0, all: 0, uncredited: 0 }
  bytes.photographs = photographs.bytes
  const page = [...(await pageFiles()).values()].reduce((sum, { length }) => sum + length, 0)
  const index = await written(partNames.index(), outline.chosen)
  const listed = { ...bytes, page: page + index }
  return {
    bytes: Math.round(Object.values(listed).reduce((a, b) => a + b, 0)),
    parts: Object.entries(listed)
      .filter(([, size]) => size > 0)
      .map(([name, size]) => ({ name, bytes: Math.round(size) })),
    photographs: photographs.all,
    uncredited: photographs.uncredited,
  }
}

const written = async (name: string, value: unknown): Promise<number> => partScript(name, await pack(value)).length

/** Bytes of a cell, by those of the tile in the middle. */
async function ofTile(
  source: PublishedSource,
  ref: GridRef,
  cells: Parameters<typeof parts.detailsPart>[2],
  { photographs }: PublishChoice,
): Promise<{ readonly icons: number; readonly cells: number }> {
  const tile = middle(parts.tilesOf(cells))
  const details = await parts.detailsPart(source, ref, cells, tile, photographs)
  let icons = 0
  for (const size of publishedIconSizes(cells.i.length))
    icons += toBase64(await parts.iconsPart(source, ref, tile, size)).length
  return { icons: icons / details.length, cells: (await written('', details)) / details.length }
}

/** At most all photographs with samples in the chosen atlases are published. */
async function ofPhotographs(
  source: PublishedSource,
  { chosen }: Outline,
): Promise<{ readonly bytes: number; readonly all: number; readonly uncredited: number }> {
  const { project } = source
  const { db } = project
  const sets = new Set(chosen.atlases.map(({ id }) => requireAtlas(project, id).set))
  const sampled = new Set([...sets].flatMap(set => [...imagesOfSet(db, set)]))
  const images = allImages(db).filter(({ id, status }) => status === 'ok' && sampled.has(id))
  let drawn = 0
  let bytes = 0
  for (const { id } of images) {
    if (drawn === DRAWN) break
    // A missing photograph is not published either.
    const webp = await parts.photographPart(source, id).catch(() => undefined)
    if (webp === undefined) continue
    bytes += toBase64(webp).length
    drawn++
  }
  return {
    bytes: drawn === 0 ? 0 : (bytes / drawn) * images.length,
    all: images.length,
    uncredited: images.filter(image => creditOf(db, image) === null).length,
  }
}
