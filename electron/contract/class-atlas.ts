import { z } from 'zod'
import { AtlasSummary } from './atlas.ts'
import { call } from './call.ts'
import { ClassAtlasSelection, ClassExtent, defaultMagnitude, FilterCounts, SampleFilter } from './class-selection.ts'
import { MIN_PHOTOGRAPHS } from './inference.ts'
import { PresetNameSchema } from './inversion.ts'
import { JobId } from './jobs.ts'
import { Metric } from './layout.ts'
import { AtlasId, ClassIndex, Float32s, Grid, GridRef, LayerName, Seed, ShownText, Uint8s, Uint32s } from './values.ts'

/**
 * Class atlases and comparisons: the samples of a layer that matter to one class, and those that matter to either of
 * two. Both are atlases of a selection of samples, which is sent and stored under the key `scope`. Their `AtlasId` works in
 * `atlas.cells`, `atlas.attribution`, `atlas.look`, all `cell.…` calls, tiles of icons and `cells.changed` as that of a
 * whole atlas does. `atlas.list` returns whole atlases, `classAtlas.list` those of a selection.
 */

/** Key of the plan: equal plans have equal keys, in every run. */
export const PlanKey = z.string().regex(/^[0-9a-f]{64}$/)

/** An atlas of a part of a layer's samples. `samples` is how many it holds: `scope.counts.after`. */
export const ClassAtlas = z
  .object({
    ...AtlasSummary.unwrap().shape,
    plan: PlanKey,
    /** The whole atlas it was made from; null where that is gone. */
    from: AtlasId.nullable(),
    scope: ClassAtlasSelection,
    /** `first`: a quick layout, to look at while the better one is made; its cells have no icons of their own yet. */
    stage: z.enum(['first', 'refined']),
    /** The latest job of its plan, while that is not done: it runs, or was interrupted and can be resumed. */
    job: JobId.nullable(),
    /** A sentence if the plan was changed, such as a plain arrangement of too few samples. */
    note: ShownText.nullable(),
    /** Minimum number of samples of a shown cell. */
    minSamples: z.int().min(1),
    /** The next smaller minimum that shows enough samples at the coarsest grid, and how many; null where enough are shown. */
    fewer: z
      .object({ minSamples: z.int().min(1), samples: z.int().min(0) })
      .readonly()
      .nullable(),
  })
  .readonly()
export type ClassAtlas = z.infer<typeof ClassAtlas>

/**
 * Minimum number of samples of a shown cell; `auto`: the published minimum, or as much less as the coarsest grid takes
 * to show `ENOUGH_SHOWN` of the samples.
 */
export const MinSamples = z.union([z.literal('auto'), z.int().min(1).max(10_000)])
export type MinSamples = z.infer<typeof MinSamples>

/** Below this share of samples in shown cells a map says little about its class. */
export const ENOUGH_SHOWN = 0.8

/** The fields of both plans. */
export const planFields = {
  /** The whole atlas whose samples, layer, attribution and whitening are taken, and whose icons are found again. */
  from: AtlasId,
  filter: SampleFilter,
  /** Coarse to fine. */
  grids: z.array(Grid.max(320)).min(1).max(6).readonly(),
  minSamples: MinSamples,
  layoutSeed: Seed,
  /** How new icons are made; null: as those of the whole atlas, so that cells known there have theirs at once. */
  preset: PresetNameSchema.nullable(),
  /** Steps other than the preset's. */
  steps: z.int().min(1).max(16_384).nullable(),
}

export const ClassLayout = z
  .discriminatedUnion('method', [
    z.object({ method: z.literal('tsne'), perplexity: z.number().min(1).max(500), metric: Metric }).readonly(),
    z
      .object({
        method: z.literal('umap'),
        neighbours: z.int().min(2).max(500),
        minDist: z.number().min(0).max(0.99),
        metric: Metric,
      })
      .readonly(),
  ])
  .readonly()
export type ClassLayout = z.infer<typeof ClassLayout>

/** UMAP as in the article's class atlases; t-SNE with its usual perplexity. */
export const classLayouts = {
  tsne: { method: 'tsne', perplexity: 30, metric: 'cosine' },
  umap: { method: 'umap', neighbours: 20, minDist: 0.02, metric: 'cosine' },
} as const satisfies Record<ClassLayout['method'], ClassLayout>

export const ClassAtlasPlan = z.object({ ...planFields, class: ClassIndex, layout: ClassLayout }).readonly()
export type ClassAtlasPlan = z.infer<typeof ClassAtlasPlan>

/**
 * Levels and minimum numbers of samples of the published class and comparison notebooks (8², 10², more than 4), and
 * one level more.
 */
export const defaultGrids = { class: [8, 16], comparison: [10, 20] } as const
export const defaultMinSamples = 5

/**
 * Cells along an edge of a new class atlas: up to the published 8, and three samples to a cell on average, so that few
 * cells are of a single sample.
 * @param samples that pass the filter
 */
export const classGrid = (samples: number): number =>
  Math.min(defaultGrids.class[0], Math.max(2, Math.floor(Math.sqrt(samples / 3))))

/**
 * Cells along an edge of a new comparison: so many that they hold twice the minimum of photographs for an interval on average,
 * up to the published 10. On 10 × 10 cells of 2,000 photographs hardly any cell has enough.
 * @param photographs of the samples
 * @param samples     of the layer; two default filters let through as many photographs at most
 */
export const comparisonGrid = (photographs: number, samples: number): number =>
  gridOf(Math.min(photographs, 2 * defaultMagnitude(samples)), defaultGrids.comparison[0])

/** The same for a class atlas whose cells are to have intervals; up to the published 8. */
export const testedGrid = (photographs: number, samples: number): number =>
  gridOf(Math.min(photographs, defaultMagnitude(samples)), defaultGrids.class[0])

const gridOf = (selected: number, most: number): number =>
  Math.min(most, Math.max(2, Math.floor(Math.sqrt(selected / (2 * MIN_PHOTOGRAPHS)))))

/**
 * What became of a plan. An atlas that is there already is given at once; otherwise it appears in `classAtlas.list`
 * under the same plan as soon as its first layout is done (`project.changed` with `atlases`), and its icons come
 * as those of a whole atlas do.
 */
export const StartedJob = z.object({ plan: PlanKey, atlas: AtlasId.nullable(), job: JobId.nullable() }).readonly()
export type StartedJob = z.infer<typeof StartedJob>

/**
 * Where the samples of every shown cell lie in another grid of the same samples: the ends of an animation
 * that shows where a cell comes from. Columns in the order of `Cells`.
 */
export const Origins = z
  .object({
    /** Mean position of the cell's samples there, 0 to 1, and how far they scatter around it. */
    x: Float32s,
    y: Float32s,
    spread: Float32s,
    /** The shown cell there, by its index in its `Cells`, with most of the samples; `noCell` where all are hidden. */
    cell: Uint32s,
    /** Share of the cell's samples that lie in it. */
    share: Float32s,
  })
  .readonly()
export type Origins = z.infer<typeof Origins>
export const noCell = 0xffff_ffff

/** Cells per side of the grid of the whole atlas in which origins are located. */
export const originGrid = 40
/** Cells per side of the strips across layers: few enough that segments are wide enough for their icons. */
export const stripGrid = 10

/** The grid of an atlas with the number of cells per side nearest to a given one. */
export function gridNear(atlas: Pick<AtlasSummary, 'grids'>, cells: number): number | undefined {
  return atlas.grids
    .map(g => g.grid)
    .reduce<number | undefined>(
      (best, g) => (best === undefined || Math.abs(g - cells) < Math.abs(best - cells) ? g : best),
      undefined,
    )
}

/** What a class atlas adds to `Cells`, in the same order: mean attribution to its class, with intervals as in `ComparisonCells`. */
export const ClassCells = z
  .object({
    attribution: Float32s,
    /** NaN where there are too few photographs. */
    low: Float32s,
    high: Float32s,
    photographs: Uint32s,
    /** 1: the interval lies beyond 0 and beyond `mean`, to the same side. */
    significant: Uint8s,
    tested: z.int().min(0),
    /** Mean attribution of all samples of the atlas. */
    mean: z.number(),
  })
  .readonly()
export type ClassCells = z.infer<typeof ClassCells>

/**
 * How much of the attribution to a class (or of its difference to another) the cells of a grid carry. Sums are over
 * samples: cells and hidden cells together hold every sample, so `total` = Σ cells + hidden.
 */
export const LayerShare = z
  .object({
    atlas: AtlasId,
    grid: Grid,
    layer: LayerName,
    samples: z.int().min(0),
    known: z.int().min(0),
    total: z.number(),
    hidden: z.number(),
    /** The positive and negative part of `total`: total = positive + negative. */
    positive: z.number(),
    negative: z.number(),
    /** Sum of every shown cell, in the order of `Cells`, and the same of its positive attributions alone. */
    cells: Float32s,
    cellsPositive: Float32s,
  })
  .readonly()
export type LayerShare = z.infer<typeof LayerShare>

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly()
const atlas = z.object({ atlas: AtlasId }).readonly()

/** The calls of this file, spread into the table. */
export const classAtlasCalls = {
  /** What a filter would let through, at once: for the counts beside its controls. */
  'classAtlas.counts': call(
    z.object({ from: AtlasId, class: ClassIndex, filter: SampleFilter }).readonly(),
    z.object({ counts: FilterCounts, extent: ClassExtent }).readonly(),
  ),
  /** Class atlases and comparisons, the latest first. */
  'classAtlas.list': call(z.object({}).readonly(), list(ClassAtlas)),
  'classAtlas.build': call(ClassAtlasPlan, StartedJob),
  'classAtlas.remove': call(atlas, z.object({}).readonly()),
  'classAtlas.cells': call(GridRef, ClassCells),
  'classAtlas.origins': call(z.object({ ...GridRef.unwrap().shape, to: GridRef }).readonly(), Origins),
  /** One strip a layer: `grids` are of whole or class atlases. With `against`, of the difference class − against. */
  'classAtlas.layers': call(
    z
      .object({
        grids: list(GridRef).unwrap().min(1).max(16).readonly(),
        class: ClassIndex,
        against: ClassIndex.nullable(),
      })
      .readonly(),
    list(LayerShare),
  ),
} as const
