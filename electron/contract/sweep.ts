import { z } from 'zod'
import { PatchLook } from './placement.ts'
import { ClassIndex, Float32s, ImageId, Int16s, ModelHash, PatchId, Time } from './values.ts'

/** One patch over all sizes and positions of one photograph; a job, whose rows can be watched as they come. */
export const SweepPlan = z
  .object({
    model: ModelHash,
    image: ImageId,
    patch: PatchId,
    look: PatchLook.prefault({}),
    source: ClassIndex,
    target: ClassIndex,
    /** In increasing order; 0 is the photograph alone. */
    sizes: z.array(z.number().min(0).max(1)).min(1).max(200).readonly(),
    /** Positions along each edge, from flush left to flush right. 2: the four corners. */
    positions: z.int().min(1).max(32),
  })
  .readonly()
export type SweepPlan = z.infer<typeof SweepPlan>

export const SweepId = z.int().positive()

/**
 * Where the winner changes as the patch grows at one position. `size` is the first at which `to` wins; one size smaller
 * `from` did.
 */
export const Crossing = z
  .object({ row: z.int(), column: z.int(), size: z.number(), from: ClassIndex, to: ClassIndex })
  .readonly()
export type Crossing = z.infer<typeof Crossing>

/** The columns have one value for each size and position, [sizes, rows, columns]; NaN and −1 where not yet computed. */
export const Sweep = z
  .object({
    id: SweepId,
    plan: SweepPlan,
    created: Time,
    done: z.int().min(0),
    total: z.int().min(0),
    sourceProbability: Float32s,
    targetProbability: Float32s,
    winnerProbability: Float32s,
    /** Log-odds of the target. */
    targetLogOdds: Float32s,
    /**
     * The larger log-odds of the target with a control in the patch's place (its mean colour, or filled in from its
     * surroundings); NaN in sweeps of earlier versions.
     */
    controlLogOdds: Float32s,
    /** Index of the size and position that do most above the controls; null where that is not known. */
    best: z.int().min(0).nullable(),
    winner: Int16s,
    /** Of the photograph alone. */
    before: z
      .object({ winner: ClassIndex, source: z.number(), target: z.number(), targetLogOdds: z.number() })
      .readonly()
      .nullable(),
    crossings: z.array(Crossing).readonly(),
  })
  .readonly()
export type Sweep = z.infer<typeof Sweep>

export const SweepSummary = z.object({ id: SweepId, plan: SweepPlan, created: Time }).readonly()
export type SweepSummary = z.infer<typeof SweepSummary>
