import { z } from 'zod'
import { ExperimentId, Population } from './experiment.ts'
import { Effect, Geometry, OverControls } from './experiment-result.ts'
import { PatchLook, Positions } from './placement.ts'
import { CellRef, ClassIndex, ModelHash, PatchId, Seed, ShownText, Time } from './values.ts'

/** Candidates that are tested on the held-out half: the intervals are corrected for these few. */
export const TESTED = 3

/**
 * Patches that Portolan proposes: what separates two classes, ranked on one half of the photographs; the first few are
 * tested on the other. A job.
 */
export const SuggestionPlan = z
  .object({
    model: ModelHash,
    source: ClassIndex,
    target: ClassIndex,
    population: Population,
    folders: z.array(z.int().positive()).min(1).readonly().nullable(),
    /** Ranked cells of a comparison; null: the samples whose attribution differs most. */
    cells: z.array(CellRef).min(1).max(64).readonly().nullable(),
    /** Candidates at most, of all kinds together. */
    candidates: z.int().min(1).max(200).default(40),
    look: PatchLook.prefault({}),
    sizes: z.array(z.number().gt(0).max(1)).min(1).max(16).readonly(),
    positions: Positions,
    /** Patches of uniform noise: the only control of suggestions of earlier versions. */
    noise: z.int().min(0).max(200),
    /** Regions of unrelated photographs; with them every candidate has matched controls. Absent in earlier versions. */
    natural: z.int().min(1).max(50).optional(),
    /** Whether photographs of the target class may be candidates: a piece of the target makes the target. */
    targetCrops: z.boolean().optional(),
    seed: Seed,
    resamplings: z.int().min(100).max(100_000).default(2000),
  })
  .readonly()
export type SuggestionPlan = z.infer<typeof SuggestionPlan>

/** Origin of a candidate. `icon`: the inversion; `crop`: a photograph of the cell's samples; `third`: a third class's. */
export const CandidateKind = z.enum(['icon', 'crop', 'third'])

export const Candidate = z
  .object({
    patch: PatchId,
    name: ShownText,
    kind: CandidateKind,
    /** As it is shown: `crop of n04310018_steam_locomotive.jpg, mixed4d`. */
    origin: ShownText,
    chosen: Geometry,
    /** Mean change of the target's log-odds on the half that was chosen by: optimistic. */
    changeChosen: z.number(),
    /**
     * What candidates are ranked by, on that half: the lower bound of the change less that of the control that it
     * exceeds by the smallest amount.
     */
    lowerBound: z.number(),
  })
  .readonly()
export type Candidate = z.infer<typeof Candidate>

/** The first candidates on the held-out half. */
export const SuggestionVerdict = z
  .object({
    outcome: z.enum(['holds', 'none holds', 'too few photographs']),
    /** Candidates that were ranked. */
    tried: z.int().min(1),
    /** The first of them, in their order: intervals are corrected for so many. */
    tested: z
      .array(
        z
          .object({
            candidate: Candidate,
            effect: Effect,
            /** Above each group of controls; the smallest difference is the headline. */
            overControls: OverControls,
            /** Probability of confirming, with so many photographs, the effect that was found on the first half. */
            power: z.number(),
          })
          .readonly(),
      )
      .readonly(),
    photographs: z.int().min(0),
    /** Below so many photographs intervals are not reliable, and no candidate holds. */
    minimum: z.int().min(1),
    /** The smallest effect that so many photographs confirm with a probability of .8, from the first half's spread. */
    detectable: z.number().nullable(),
  })
  .readonly()
export type SuggestionVerdict = z.infer<typeof SuggestionVerdict>

/** What a verdict says, as a sentence. */
export const outcomeSentences: Readonly<Record<SuggestionVerdict['outcome'], string>> = {
  holds: 'Holds: on held-out photographs at least one candidate is above all of its controls.',
  'none holds': 'None holds: on held-out photographs no candidate is above all of its controls.',
  'too few photographs': 'Too few photographs: nothing is claimed.',
}

export const Suggestion = z
  .object({
    id: ExperimentId,
    plan: SuggestionPlan,
    created: Time,
    finished: Time.nullable(),
    photographs: z.int().min(0),
    reportedOn: z.int().min(0),
    illustration: z.boolean(),
    /** By their lower bound on the half that was chosen by, best first. */
    candidates: z.array(Candidate).readonly(),
    /** One sentence where an earlier version made it, with other controls; null otherwise. */
    madeEarlier: ShownText.nullable(),
    /** Null until it is finished. */
    verdict: SuggestionVerdict.nullable(),
  })
  .readonly()
export type Suggestion = z.infer<typeof Suggestion>

export const SuggestionSummary = z
  .object({ id: ExperimentId, plan: SuggestionPlan, created: Time, finished: Time.nullable() })
  .readonly()
export type SuggestionSummary = z.infer<typeof SuggestionSummary>
