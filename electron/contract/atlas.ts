import { z } from 'zod'
import { Border, Coverage } from './build.ts'
import { CellLabel } from './cell-labels.ts'
import { Credit } from './credit.ts'
import { FidelityRank } from './fidelity.ts'
import { PresetNameSchema, StartKind } from './inversion.ts'
import { LayoutQuality } from './layout.ts'
import { LayoutStability } from './stability.ts'
import {
  AtlasId,
  Box,
  CellRef,
  ClassValue,
  Float32s,
  Grid,
  IconKey,
  ImageId,
  Int32s,
  LayerName,
  ModelHash,
  Revision,
  Seed,
  ShownText,
  Time,
  Uint8s,
  Uint16s,
  Uint32s,
  Unit,
} from './values.ts'

export const GridSummary = z
  .object({
    grid: Grid,
    /** Cells with an icon, of all cells that hold samples. */
    shown: z.int().min(0),
    total: z.int().min(0),
    samplesShown: z.int().min(0),
    /** Icons that are finished, of those shown. */
    finished: z.int().min(0),
  })
  .readonly()
export type GridSummary = z.infer<typeof GridSummary>

export const AtlasSummary = z
  .object({
    id: AtlasId,
    name: ShownText,
    layer: LayerName,
    model: ModelHash,
    modelName: ShownText,
    samples: z.int().min(0),
    /** Photographs that the samples come from. */
    photographs: z.int().min(0),
    /** How much of the frame the samples can lie in; null where that is unknown, as for few samples. */
    coverage: Coverage.nullable(),
    /** Method of the layout: umap, tsne, … */
    method: ShownText,
    /** How far the layout keeps neighbourhoods; null where that was not measured. */
    quality: LayoutQuality.nullable(),
    /** Key of the layout, which jobs name. */
    layout: ShownText,
    layoutSeed: Seed,
    /** Equal in layers that were laid out together, so that a sample appears in the same place in each; null: laid out alone. */
    aligned: ShownText.nullable(),
    /** How far the layout depends on its seed; null where that was not measured. */
    stability: LayoutStability.nullable(),
    preset: ShownText,
    /** Of the icons. */
    seed: Seed,
    /** What its icons are to start from. */
    start: StartKind,
    createdAt: Time,
    /** Why it no longer matches its model, to follow its name: `was made …`; null where it does. */
    outdated: ShownText.nullable(),
    /** Coarse to fine. */
    grids: z.array(GridSummary).readonly(),
  })
  .readonly()
export type AtlasSummary = z.infer<typeof AtlasSummary>

/** 0: only its mean colour is known; 1: a preview of a few steps; 2: finished. */
export const CellState = { waiting: 0, preview: 1, finished: 2 } as const

/** The shown cells of one grid as columns of equal length n, in row-major order of (i, j). */
export const Cells = z
  .object({
    /** Grows with every icon that changes. */
    revision: Revision,
    /** Row and column. */
    i: Uint16s,
    j: Uint16s,
    count: Uint32s,
    /** Mean position of the cell's samples in the layout, 0 to 1. */
    x: Float32s,
    y: Float32s,
    /** Cosine between the cell's direction and the activation of its icon; NaN until finished. */
    fidelity: Float32s,
    state: Uint8s,
    /** Mean colour, 3 bytes each, for cells without an icon. */
    colour: Uint8s,
  })
  .readonly()
export type Cells = z.infer<typeof Cells>

/** Mean attribution of cells to classes. */
export const Attribution = z
  .object({
    /** [classes × cells], in the order of the request and of Cells. */
    values: Float32s,
    /** Largest and smallest value of each class over the cells: what it is normalised by. */
    max: Float32s,
    min: Float32s,
    /** Samples whose attribution is known, of all (a truncated store knows only the strongest of each). */
    known: z.int().min(0),
    of: z.int().min(0),
  })
  .readonly()
export type Attribution = z.infer<typeof Attribution>

/** The classes with the largest positive mean attribution of each shown cell, in the order of Cells. */
export const CellClasses = z
  .object({
    /** Classes of each cell. */
    each: z.int().min(1),
    /** [cells × each], strongest first; −1 where a cell has fewer. */
    index: Int32s,
    /** [cells × each], mean attributions, logits; 0 where there is no class. */
    value: Float32s,
  })
  .readonly()
export type CellClasses = z.infer<typeof CellClasses>

export const ChannelValue = z
  .object({ channel: z.int().min(0), value: z.number(), icon: IconKey.nullable() })
  .readonly()
export type ChannelValue = z.infer<typeof ChannelValue>

/** The region of a photograph that a sample of a cell comes from. */
export const SampleCrop = z
  .object({
    sample: z.int().min(0),
    image: ImageId,
    file: ShownText,
    /** False where the photograph isn't where it was: the project's data page can re-link it. */
    available: z.boolean(),
    /** The file holds another picture now than the one that was sampled, which is not shown. */
    changed: z.boolean(),
    /** Position, 0 to 1 from the top and from the left. */
    v: Unit,
    u: Unit,
    /** The unit's receptive field. */
    box: Box,
    /** Distance of its activation from the cell's direction, 1 − cosine. */
    distance: z.number(),
    /** Null without a line in an ATTRIBUTION.csv. */
    credit: Credit.nullable(),
  })
  .readonly()
export type SampleCrop = z.infer<typeof SampleCrop>

export const CellDetail = z
  .object({
    cell: CellRef,
    count: z.int().min(0),
    x: z.number(),
    y: z.number(),
    icon: IconKey.nullable(),
    state: z.int().min(0).max(2),
    fidelity: z.number().nullable(),
    robustFidelity: z.number().nullable(),
    /** Its fidelity against chance; null where it is not finished or its activation is not known yet. */
    fidelityRank: FidelityRank.nullable(),
    /** Mean share of their map neighbours that its samples keep in layouts of other seeds; null where that was not measured. */
    stability: z.number().nullable(),
    /** Null where no class and no group of classes is reliable. */
    label: CellLabel.nullable(),
    /** Why the label is unknown; null where it is known. */
    labelNote: ShownText.nullable(),
    for: z.array(ClassValue).readonly(),
    against: z.array(ClassValue).readonly(),
    channels: z.array(ChannelValue).readonly(),
    /** Nearest first; of `count` samples. */
    nearest: z.array(SampleCrop).readonly(),
    neighbours: z.array(CellRef).readonly(),
    provenance: z
      .object({
        model: ModelHash,
        modelName: ShownText,
        layer: LayerName,
        preset: ShownText,
        steps: z.int().min(0),
        seed: Seed,
        /** What the icon started from; empty without an icon. */
        start: ShownText,
        runtime: ShownText,
        license: ShownText,
      })
      .readonly(),
  })
  .readonly()
export type CellDetail = z.infer<typeof CellDetail>

/** Where the samples of some cells lie in another grid. */
export const LinkedCell = z
  .object({
    atlas: AtlasId,
    grid: Grid,
    /** Cells by their index in Cells, and how many of the samples each holds. */
    cells: Uint32s,
    counts: Uint32s,
    /** Of the samples, those that lie in cells that aren't shown there. */
    hidden: z.int().min(0),
    /** False where the two atlases are not of the same samples: there is nothing to follow. */
    aligned: z.boolean(),
  })
  .readonly()
export type LinkedCell = z.infer<typeof LinkedCell>

export const AtlasPlan = z
  .object({
    name: z.string().min(1).max(120),
    model: ModelHash,
    /** Ids of the project's folders. */
    folders: z.array(z.int().positive()).min(1).readonly(),
    layers: z.array(LayerName).min(1).readonly(),
    samples: z.int().min(1),
    /** Whether positions are drawn on the edge of the frame too. */
    border: Border.optional(),
    /** As in the parameters of a build. */
    grids: z.union([z.array(Grid).min(1).readonly(), z.literal('auto')]),
    preset: PresetNameSchema,
    steps: z.int().min(1).max(16_384).optional(),
    /** What icons start from; noise by default. */
    start: StartKind.optional(),
    seed: Seed,
    method: z.enum(['umap', 'tsne']),
    neighbours: z.int().min(2).max(500),
    minDist: z.number().min(0).max(2),
    metric: z.enum(['cosine', 'euclidean']),
    layoutSeed: Seed,
    /** The layers are laid out together, by UMAP, so that a sample appears in the same place in each. */
    align: z.boolean().optional(),
  })
  .readonly()
  .refine(({ align, method, layers }) => !align || (method === 'umap' && new Set(layers).size > 1), {
    message: 'only UMAP aligns layers, and at least two of them',
  })
export type AtlasPlan = z.infer<typeof AtlasPlan>

export const Estimate = z
  .object({
    seconds: z.number(),
    diskBytes: z.number(),
    memoryBytes: z.number(),
    notes: z.array(ShownText).readonly(),
  })
  .readonly()
export type Estimate = z.infer<typeof Estimate>

/** One icon made again: another preset, another seed. */
export const Variant = z
  .object({
    icon: IconKey,
    preset: PresetNameSchema,
    seed: Seed,
    fidelity: z.number().nullable(),
    robustFidelity: z.number().nullable(),
  })
  .readonly()
export type Variant = z.infer<typeof Variant>
