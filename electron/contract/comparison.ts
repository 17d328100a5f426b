import { z } from 'zod'
import { call } from './call.ts'
import { planFields, StartedJob } from './class-atlas.ts'
import { CellRef, ClassIndex, ClassValue, Float32s, GridRef, IconKey, Uint8s, Uint16s, Uint32s } from './values.ts'

/** Which of the two is `left` and which `right` does not matter. */
export const ComparisonPlan = z
  .object({ ...planFields, left: ClassIndex, right: ClassIndex })
  .readonly()
  .refine(({ left, right }) => left !== right, 'takes two different classes')
export type ComparisonPlan = z.infer<typeof ComparisonPlan>

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

/** Draws the class with the larger index on the left. */
const swap = z.boolean()

/** The calls of comparisons, spread into the table. */
export const comparisonCalls = {
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
    z.object({ cells: z.array(SeparatingCell).readonly(), tested: z.int().min(0), mean: z.number() }).readonly(),
  ),
} as const
