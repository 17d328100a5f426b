import { z } from 'zod'
import { ClassIndex } from './values.ts'

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
