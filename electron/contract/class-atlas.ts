import { z } from 'zod'
import { AtlasSummary } from './atlas.ts'
import { call } from './call.ts'
import { MIN_PHOTOGRAPHS } from './inference.ts'
import { PresetNameSchema } from './inversion.ts'
import { JobId } from './jobs.ts'
import { Metric } from './layout.ts'
import {
  AtlasId,
  CellRef,
  ClassIndex,
  ClassValue,
  Float32s,
  Grid,
  GridRef,
  IconKey,
  LayerName,
  Seed,
  ShownText,
  Uint8s,
  Uint16s,
  Uint32s,
} from './values.ts'

/**
 * Class atlases and comparisons: the samples of a layer that matter to one class, and those that matter to either of
 * two. Both are atlases of a selection of samples, which is sent and stored under the key `scope`. Their `AtlasId` works in
 * `atlas.cells`, `atlas.attribution`, `atlas.look`, all `cell.…` calls, tiles of icons and `cells.changed` as that of a
 * whole atlas does. `atlas.list` returns whole atlases, `classAtlas.list` those of a selection.
 */

/** The sign of the attributions to a class. */
export const AttributionSign = z.enum(['positive', 'negative'])
export type AttributionSign = z.infer<typeof AttributionSign>

/**
 * Which samples matter to a class. One that passes by rank and by magnitude counts once. Only attributions of the
 * sign pass, by whichever.
 */
export const SampleFilter = z
  .object({
    /** The class is among the so many strongest attributions of the sample (1: its strongest); null: no filter by rank. */
    rank: z.int().min(1).max(65_536).nullable(),
    /** The so many samples with the strongest attribution to the class; null: no filter by magnitude. */
    magnitude: z.int().min(1).nullable(),
    sign: AttributionSign,
  })
  .readonly()
  .refine(({ rank, magnitude }) => rank !== null || magnitude !== null, 'takes rank, magnitude or both')
export type SampleFilter = z.infer<typeof SampleFilter>

/** The article takes 2,000 of 400,000; scaled to a project, 1 % of its samples within [200, 3,000]. */
export const defaultMagnitude = (samples: number): number => Math.min(3000, Math.max(200, Math.round(samples / 100)))

/** The default filter: rank 1 or the default magnitude, of positive attribution. */
export const defaultFilter = (samples: number): SampleFilter => ({
  rank: 1,
  magnitude: defaultMagnitude(samples),
  sign: 'positive',
})

/** Counts of samples: what a filter was given, and what it let through. `after` = byRank + byMagnitude − both. */
export const FilterCounts = z
  .object({
    /** All samples of the layer. */
    before: z.int().min(0),
    /** Of them, those whose attribution to the class is known: a truncated store has only each sample's strongest. */
    known: z.int().min(0),
    after: z.int().min(0),
    /** Null without this filter. */
    byRank: z.int().min(0).nullable(),
    byMagnitude: z.int().min(0).nullable(),
    both: z.int().min(0),
  })
  .readonly()
export type FilterCounts = z.infer<typeof FilterCounts>

/** Attribution to one class over all samples of a layer. `max` and `min` are what the class is normalised by. */
export const ClassExtent = z.object({ max: z.number(), min: z.number(), sum: z.number() }).readonly()
export type ClassExtent = z.infer<typeof ClassExtent>

/** The samples that matter to a class. */
export const ClassSelection = z
  .object({
    kind: z.literal('class'),
    class: ClassIndex,
    filter: SampleFilter,
    counts: FilterCounts,
    extent: ClassExtent,
  })
  .readonly()
export type ClassSelection = z.infer<typeof ClassSelection>

/**
 * How the samples of a comparison were placed by the photographs of the other half, so that none chooses its own cell.
 * docs/method.md has the method.
 */
export const CrossFit = z
  .object({
    /** Correlation of the two halves' predictions, 0 to 1: how far the axis is the same in other photographs. */
    agreement: z.number().min(0).max(1),
    /** Components of each half's regression. */
    components: z.tuple([z.int().min(0), z.int().min(0)]).readonly(),
    /** Photographs of each half. */
    photographs: z.tuple([z.int().min(0), z.int().min(0)]).readonly(),
  })
  .readonly()
export type CrossFit = z.infer<typeof CrossFit>

/**
 * Two classes against each other. The horizontal axis of the layout is attribution to `right` minus attribution to
 * `left`, as the other half of the photographs predicts it from the activation: −scale at 0, 0 at ½, +scale at 1; what lies beyond is drawn at the edge. The vertical axis is a
 * one-dimensional layout of the activations. `left` is the class with the smaller index: sides are swapped when it is
 * drawn (`swap`), which costs nothing and changes no icon.
 */
export const ComparisonSelection = z
  .object({
    kind: z.literal('comparison'),
    left: ClassIndex,
    right: ClassIndex,
    filter: SampleFilter,
    counts: z
      .object({
        before: z.int().min(0),
        /** Samples that pass for either class, and for both: after = left.after + right.after − shared. */
        after: z.int().min(0),
        shared: z.int().min(0),
        left: FilterCounts,
        right: FilterCounts,
      })
      .readonly(),
    extents: z.object({ left: ClassExtent, right: ClassExtent }).readonly(),
    /** Logits at the right edge: the 99th percentile of |predicted difference| over the samples. */
    scale: z.number().positive(),
    /** Samples whose predicted difference lies beyond ±scale. */
    clipped: z.int().min(0),
    /** Null in comparisons of earlier versions, where a sample lies at its own difference. */
    crossFit: CrossFit.nullable().default(null),
  })
  .readonly()
export type ComparisonSelection = z.infer<typeof ComparisonSelection>

export const ClassAtlasSelection = z.discriminatedUnion('kind', [ClassSelection, ComparisonSelection])
export type ClassAtlasSelection = z.infer<typeof ClassAtlasSelection>

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
  })
  .readonly()
export type ClassAtlas = z.infer<typeof ClassAtlas>

const common = {
  /** The whole atlas whose samples, layer, attribution and whitening are taken, and whose icons are found again. */
  from: AtlasId,
  filter: SampleFilter,
  /** Coarse to fine. */
  grids: z.array(Grid.max(320)).min(1).max(6).readonly(),
  /** Minimum number of samples of a shown cell. */
  minSamples: z.int().min(1).max(10_000),
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

export const ClassAtlasPlan = z.object({ ...common, class: ClassIndex, layout: ClassLayout }).readonly()
export type ClassAtlasPlan = z.infer<typeof ClassAtlasPlan>

/** Which of the two is `left` and which `right` does not matter. */
export const ComparisonPlan = z
  .object({ ...common, left: ClassIndex, right: ClassIndex })
  .readonly()
  .refine(({ left, right }) => left !== right, 'takes two different classes')
export type ComparisonPlan = z.infer<typeof ComparisonPlan>

/**
 * Levels and minimum numbers of samples of the published class and comparison notebooks (8², 10², more than 4), and
 * one level more.
 */
export const defaultGrids = { class: [8, 16], comparison: [10, 20] } as const
export const defaultMinSamples = 5

/**
 * Cells along an edge of a new comparison: so many that they hold twice the minimum of photographs for an interval on average,
 * up to the published 10. On 10 × 10 cells of 2,000 photographs hardly any cell has enough.
 * @param photographs of the samples
 * @param samples     of the layer; two default filters let through as many photographs at most
 */
export const comparisonGrid = (photographs: number, samples: number): number => {
  const selected = Math.min(photographs, 2 * defaultMagnitude(samples))
  const cells = selected / (2 * MIN_PHOTOGRAPHS)
  return Math.min(defaultGrids.comparison[0], Math.max(2, Math.floor(Math.sqrt(cells))))
}

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

/** Third classes that are named for every cell of a comparison. */
export const otherClassCount = 5

/** What a comparison adds to `Cells`, in the same order and of the same length n. */
export const ComparisonCells = z
  .object({
    /** Column to draw the cell in: that of `Cells`, or mirrored where sides are swapped. */
    column: Uint16s,
    /** Mean attribution of the cell's samples, in logits. */
    left: Float32s,
    right: Float32s,
    /** right − left, and its interval, simultaneous over the tested cells; NaN where there are too few photographs. */
    difference: Float32s,
    low: Float32s,
    high: Float32s,
    /** 1: the interval lies beyond 0 and beyond `mean`, to the same side; never in a comparison that is not cross-fitted. */
    significant: Uint8s,
    /** Mean place on the axis, −1 to 1: the predicted difference as a share of the scale. */
    lean: Float32s,
    /** Photographs that the cell's samples come from. */
    photographs: Uint32s,
    /** [n × otherClassCount], the strongest classes apart from the two, strongest first. `noOtherClass`: no more classes. */
    otherClasses: Uint32s,
    otherClassValues: Float32s,
    /** Cells with enough photographs, over which the intervals are simultaneous. */
    tested: z.int().min(0),
    /** Mean difference of all samples of the map: that of every cell if cells carried nothing. */
    mean: z.number(),
  })
  .readonly()
export type ComparisonCells = z.infer<typeof ComparisonCells>
export const noOtherClass = 0xffff_ffff

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

/** A cell that separates two classes: a suggestion for a patch. */
export const SeparatingCell = z
  .object({
    /** As `cell.detail` knows it, whatever the sides. */
    cell: CellRef,
    /** The side with the larger attribution. */
    toward: z.enum(['left', 'right']),
    icon: IconKey,
    /** As in `Cells`. */
    state: z.int().min(0).max(2),
    count: z.int().min(1),
    photographs: z.int().min(1),
    left: z.number(),
    right: z.number(),
    /** right − left with its interval, simultaneous over the tested cells of the map; null: too few photographs. */
    difference: z.number(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    /** As in `ComparisonCells`. */
    significant: z.boolean(),
    otherClasses: z.array(ClassValue).readonly(),
  })
  .readonly()
export type SeparatingCell = z.infer<typeof SeparatingCell>

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
/** Draws the class with the larger index on the left. */
const swap = z.boolean()

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
  'comparison.build': call(ComparisonPlan, StartedJob),
  'comparison.cells': call(z.object({ ...GridRef.unwrap().shape, swap }).readonly(), ComparisonCells),
  /** The cells that separate the two most, by the end of their interval that is nearer to 0; significant ones first. */
  'comparison.ranked': call(
    z
      .object({
        ...GridRef.unwrap().shape,
        swap,
        toward: z.enum(['left', 'right', 'both']),
        limit: z.int().min(1).max(1000),
      })
      .readonly(),
    z.object({ cells: list(SeparatingCell), tested: z.int().min(0), mean: z.number() }).readonly(),
  ),
} as const
