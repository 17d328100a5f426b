import { z } from 'zod'
import type { AtlasSummary, Attribution, CellClasses, CellDetail, Cells } from './atlas.ts'
import type { GridLabels } from './cell-labels.ts'
import type { ClassAtlas, ClassCells, LayerShare, Origins } from './class-atlas.ts'
import type { ComparisonCells, SeparatingCell } from './comparison.ts'
import type { FidelitySummary } from './fidelity.ts'
import type { ClassInfo, ModelInfo, ProjectSummary } from './project.ts'
import type { CellStability } from './stability.ts'
import { AtlasId, type GridRef, ShownText } from './values.ts'

/**
 * A published page: a folder that any web server, or a double click on `index.html`, displays. A page that was opened
 * as a file may not fetch others, so all data are classic scripts that call `portolanPart(name, text)`. The text of a part
 * is base64: of a packed value (published-parts.ts), or of a WebP picture.
 */
export const PUBLISHED_FORMAT = 1

/** The names of parts; each is a file `data/NAME.js`. */
export const partNames = {
  index: () => 'index',
  grid: ({ atlas, grid }: GridRef) => `${atlas}-${grid}/grid`,
  attribution: ({ atlas, grid }: GridRef, block: number) => `${atlas}-${grid}/attribution-${block}`,
  details: ({ atlas, grid }: GridRef, tileI: number, tileJ: number) => `${atlas}-${grid}/cells-${tileI}-${tileJ}`,
  samples: ({ atlas, grid }: GridRef) => `${atlas}-${grid}/samples`,
  icons: ({ atlas, grid }: GridRef, tileI: number, tileJ: number, size: number) =>
    `${atlas}-${grid}/icons-${tileI}-${tileJ}-${size}`,
  layers: (classAtlas: number) => `${classAtlas}/layers`,
  photograph: (image: number) => `photographs/${image}`,
} as const

/** Edge of the published icons for the overview, and for what lies around the view, pixels. */
export const SMALL_ICON = 16
/** Grids of more cells have smaller icons: they would be most of the page. */
const MANY_CELLS = 2_000

/** Edges of the published icons of a grid, pixels: for the overview, and for close up. @param shown its cells */
export const publishedIconSizes = (shown: number): readonly [small: number, large: number] => [
  SMALL_ICON,
  shown > MANY_CELLS ? 48 : 80,
]

/** What the author writes on the page. */
export const PublishedText = z
  .object({
    title: z.string().trim().min(1).max(200),
    authors: z.string().trim().max(1000),
    /** Paragraphs are separated by empty lines. */
    text: z.string().trim().max(20_000),
    license: z.string().trim().max(1000),
    citation: z.string().trim().max(4000),
  })
  .readonly()
export type PublishedText = z.infer<typeof PublishedText>

/** The part `index`. */
export interface PublishedIndex {
  readonly format: typeof PUBLISHED_FORMAT
  readonly text: PublishedText
  /** Name and version of the program that made it. */
  readonly madeBy: string
  readonly project: ProjectSummary
  readonly models: readonly ModelInfo[]
  /** Of each model, by its hash. */
  readonly classes: Readonly<Record<string, readonly ClassInfo[]>>
  readonly atlases: readonly AtlasSummary[]
  readonly classAtlases: readonly ClassAtlas[]
  /** Classes of one part of attributions. */
  readonly block: number
  /** Sample set of each atlas: cells can be followed between atlases of one set. */
  readonly sets: Readonly<Record<number, number>>
  /** Whether cells can be followed between atlases at all. */
  readonly followed: boolean
  /** Credits of the photographs; null where none are published. */
  readonly photographs: readonly string[] | null
}

/** The part of one grid. */
export interface PublishedGrid {
  readonly cells: Cells
  readonly labels: GridLabels
  readonly classes: CellClasses
  readonly fidelity: FidelitySummary
  readonly stability: CellStability | null
  /** Of class atlases: the reply of `classAtlas.cells`. */
  readonly classCells?: ClassCells
  /** Of comparisons: without and with swapped sides. */
  readonly comparison?: readonly [ComparisonCells, ComparisonCells]
  readonly ranked?: readonly [Ranked, Ranked]
  /** Of class atlases and comparisons: their place in the whole atlas, on one of its grids. */
  readonly origins?: { readonly to: GridRef; readonly value: Origins }
}

/** The part `layers` of a class atlas or comparison: replies of `classAtlas.layers`, of a comparison in both directions. */
export type PublishedLayers = readonly {
  readonly class: number
  readonly against: number | null
  readonly shares: readonly LayerShare[]
}[]

export interface Ranked {
  readonly cells: readonly SeparatingCell[]
  readonly tested: number
  readonly mean: number
}

/** A part of attributions: some classes of a grid, in steps of 1/127 of the larger extreme of each class. */
export interface PublishedAttribution extends Pick<Attribution, 'max' | 'min' | 'of'> {
  /** [classes], samples whose attribution is known. */
  readonly known: Uint32Array
  /** [classes × cells] */
  readonly steps: Int8Array
}

/** The cells of one tile of a grid, in the order of `Cells`. */
export type PublishedDetails = readonly CellDetail[]

/** The cell of every sample as an index of `Cells`. */
export interface PublishedSamples {
  readonly slots: Uint32Array
}
/** In place of a cell: hidden, as it has too few samples, or not a part of the atlas. */
export const hiddenSlot = 0xffff_fffe
export const outsideSlot = 0xffff_ffff

/** What is published of a project. */
export const PublishChoice = z
  .object({
    atlases: z.array(AtlasId).min(1).max(64).readonly(),
    /** Class atlases and comparisons. */
    classAtlases: z.array(AtlasId).max(256).readonly(),
    /** The photographs of the nearest samples of each cell. */
    photographs: z.boolean(),
  })
  .readonly()
export type PublishChoice = z.infer<typeof PublishChoice>

export const PublishEstimate = z
  .object({
    /** Bytes of all files. */
    bytes: z.number().min(0),
    parts: z.array(z.object({ name: ShownText, bytes: z.number().min(0) }).readonly()).readonly(),
    /** Photographs that can be published at most. */
    photographs: z.int().min(0),
    /** Of these, those without a line in an ATTRIBUTION.csv. */
    uncredited: z.int().min(0),
  })
  .readonly()
export type PublishEstimate = z.infer<typeof PublishEstimate>

/** Shown wherever photographs can be published. */
export const photographsWarning =
  'Publish photographs only if you have the right to: most licences ask for the author to be named, and many pictures found on the web may not be published at all.'
