import type { Cells } from '../../contract/atlas.ts'
import { creditLine } from '../../contract/credit.ts'
import type { Report } from '../../contract/progress.ts'
import {
  PUBLISHED_FORMAT,
  type PublishChoice,
  type PublishedGrid,
  type PublishedIndex,
  type PublishedText,
  partNames,
  publishedIconSizes,
} from '../../contract/published.ts'
import { pack, toBase64 } from '../../contract/published-parts.ts'
import type { GridRef } from '../../contract/values.ts'
import { requireAtlas } from '../query/atlas-records.ts'
import { type Chosen, chosenOf } from './chosen.ts'
import * as parts from './parts.ts'
import type { PublishedSource } from './source.ts'

/** Attributions of one part: 400 kB before compression, read when a class is chosen. */
const BLOCK_VALUES = 400_000
/** More samples are not followed from layer to layer: their cells alone would take more than the icons. */
const MOST_FOLLOWED = 400_000

/** A part of a page, as its file holds it. */
export interface Part {
  readonly name: string
  /** Base64. */
  readonly text: string
}

/** The parts of a choice before they are made: what each grid holds. */
export interface Outline {
  readonly chosen: Chosen
  /** Classes of one part of attributions. */
  readonly block: number
  readonly followed: boolean
  /** Of whole atlases, then those of class atlases and comparisons. */
  readonly grids: readonly OutlinedGrid[]
}

interface OutlinedGrid extends GridRef {
  /** Of a whole atlas. */
  readonly whole: boolean
  readonly shown: number
}

export async function outlineOf(source: PublishedSource, choice: PublishChoice): Promise<Outline> {
  const chosen = await chosenOf(source, choice)
  const gridsOf = (atlases: Chosen['atlases'], whole: boolean) =>
    atlases.flatMap(({ id, grids }) => grids.map(({ grid, shown }) => ({ atlas: id, grid, shown, whole })))
  const grids = [...gridsOf(chosen.atlases, true), ...gridsOf(chosen.classAtlases, false)]
  const most = Math.max(...grids.map(({ shown }) => shown))
  return {
    chosen,
    grids,
    block: Math.min(64, Math.max(1, Math.floor(BLOCK_VALUES / most))),
    followed: chosen.atlases.length > 1 && chosen.atlases.every(({ samples }) => samples <= MOST_FOLLOWED),
  }
}

/** The part of a grid, of a whole atlas or of some classes. */
export const partOfGrid = (
  source: PublishedSource,
  { chosen }: Outline,
  { atlas, grid, whole }: OutlinedGrid,
): Promise<PublishedGrid> =>
  whole
    ? parts.gridPart(source, { atlas, grid })
    : parts.classGridPart(source, chosen.classAtlases.find(({ id }) => id === atlas)!, grid, chosen)

/** The classes of the parts of attributions of an atlas. */
export function blocksOf({ chosen, block }: Outline, atlas: number): readonly (readonly number[])[] {
  const { model } = chosen.atlases.find(({ id }) => id === atlas)!
  const count = chosen.classes[model]?.length ?? 0
  return Array.from({ length: Math.ceil(count / block) }, (_, k) =>
    Array.from({ length: Math.min(block, count - k * block) }, (__, at) => k * block + at),
  )
}

interface Making {
  readonly text: PublishedText
  readonly madeBy: string
  readonly signal: AbortSignal
  readonly report: Report
}

/**
 * All parts of a page, the index last: it names the photographs, which the cells have named by then.
 * @throws UserError when something of the project is missing
 */
export async function* publishedParts(
  source: PublishedSource,
  choice: PublishChoice,
  { text, madeBy, signal, report }: Making,
): AsyncGenerator<Part> {
  const outline = await outlineOf(source, choice)
  const { chosen, grids } = outline
  const images = new Map<number, string>()
  let done = 0
  for (const each of grids) {
    const { atlas, grid, whole } = each
    signal.throwIfAborted()
    report({ stage: 'publish', done: done++, total: grids.length, unit: 'grids' })
    const ref = { atlas, grid }
    const part = await partOfGrid(source, outline, each)
    yield { name: partNames.grid(ref), text: await pack(part) }
    if (whole && outline.followed)
      yield { name: partNames.samples(ref), text: await pack(parts.samplesPart(source, ref)) }
    if (whole) yield* attributionParts(source, outline, ref, signal)
    yield* tileParts(source, ref, part.cells, { photographs: choice.photographs, images, signal })
  }
  for (const classAtlas of chosen.classAtlases) {
    signal.throwIfAborted()
    yield {
      name: partNames.layers(classAtlas.id),
      text: await pack(await parts.layersPart(source, classAtlas, chosen)),
    }
  }
  for (const image of images.keys()) {
    signal.throwIfAborted()
    yield { name: partNames.photograph(image), text: toBase64(await parts.photographPart(source, image)) }
  }
  const credits = choice.photographs ? [...new Set(images.values())].filter(line => line !== '').sort() : null
  yield { name: partNames.index(), text: await pack(await indexOf(source, outline, { text, madeBy, credits })) }
}

async function* attributionParts(
  source: PublishedSource,
  outline: Outline,
  ref: GridRef,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  for (const [k, classes] of blocksOf(outline, ref.atlas).entries()) {
    signal.throwIfAborted()
    yield {
      name: partNames.attribution(ref, k),
      text: await pack(await parts.attributionPart(source, ref, classes)),
    }
  }
}

interface OfTiles {
  readonly photographs: boolean
  /** Gathers photographs with their credit lines. */
  readonly images: Map<number, string>
  readonly signal: AbortSignal
}

async function* tileParts(
  source: PublishedSource,
  ref: GridRef,
  cells: Cells,
  { photographs, images, signal }: OfTiles,
): AsyncGenerator<Part> {
  for (const tile of parts.tilesOf(cells)) {
    signal.throwIfAborted()
    const details = await parts.detailsPart(source, ref, cells, tile, photographs)
    for (const { image, credit } of details.flatMap(({ nearest }) => nearest))
      images.set(image, credit === null ? '' : creditLine(credit))
    yield { name: partNames.details(ref, tile.tileI, tile.tileJ), text: await pack(details) }
    for (const size of publishedIconSizes(cells.i.length))
      yield {
        name: partNames.icons(ref, tile.tileI, tile.tileJ, size),
        text: toBase64(await parts.iconsPart(source, ref, tile, size)),
      }
  }
}

async function indexOf(
  { summary: summaryOf, project }: PublishedSource,
  { chosen, block, followed }: Outline,
  { text, madeBy, credits }: { text: PublishedText; madeBy: string; credits: readonly string[] | null },
): Promise<PublishedIndex> {
  const summary = summaryOf()
  const all = [...chosen.atlases, ...chosen.classAtlases]
  return {
    format: PUBLISHED_FORMAT,
    text,
    madeBy,
    project: { ...summary, file: summary.name, readOnly: null, atlases: chosen.atlases.length },
    ...chosen,
    classAtlases: chosen.classAtlases.map(atlas => ({ ...atlas, job: null })),
    block,
    sets: Object.fromEntries(all.map(({ id }) => [id, requireAtlas(project, id).set])),
    followed,
    photographs: credits,
  }
}
