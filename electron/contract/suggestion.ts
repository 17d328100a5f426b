import { z } from 'zod'
import { Effect, Estimate, ExperimentId, Geometry, Population } from './experiment.ts'
import { PatchLook, Positions } from './placement.ts'
import { CellRef, ClassIndex, ModelHash, PatchId, Seed, ShownText, Time } from './values.ts'

/**
 * Patches that Portolan proposes: what separates two classes, tested on one half of the photographs and
 * reported on the other. A job.
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
    /** Noise patches; a fair best-of needs as many as candidates. */
    noise: z.int().min(1).max(200),
    seed: Seed,
    resamplings: z.int().min(100).max(100_000).default(2000),
  })
  .readonly()
export type SuggestionPlan = z.infer<typeof SuggestionPlan>

/** Origin of a candidate. `icon`: the inversion; `crop`: a photograph behind the cell; `third`: a third class's. */
export const CandidateKind = z.enum(['icon', 'crop', 'third'])

export const Candidate = z
  .object({
    patch: PatchId,
    name: ShownText,
    kind: CandidateKind,
    /** As it is shown: `crop of n04310018_steam_locomotive.jpg, mixed4d`. */
    origin: z.string(),
    chosen: Geometry,
    /** On the half that was chosen by: optimistic. */
    changeChosen: z.number(),
  })
  .readonly()
export type Candidate = z.infer<typeof Candidate>

export const Suggestion = z
  .object({
    id: ExperimentId,
    plan: SuggestionPlan,
    created: Time,
    finished: Time.nullable(),
    photographs: z.int().min(0),
    reportedOn: z.int().min(0),
    illustration: z.boolean(),
    /** By their change on the half that was chosen by, best first. */
    candidates: z.array(Candidate).readonly(),
    /** Null until it is finished. */
    verdict: z
      .object({
        best: Candidate,
        effect: Effect,
        /** Change by the best candidate on the other half, its interval corrected for the number tried. */
        change: Estimate,
        bestControl: z.object({ patch: PatchId, chosen: Geometry, effect: Effect, change: Estimate }).readonly(),
        /** Candidate less control, photograph by photograph, corrected likewise. */
        difference: Estimate,
        /** Whether the corrected lower bound of the candidate lies above the best control's change. */
        holds: z.boolean(),
        tried: z.int().min(1),
      })
      .readonly()
      .nullable(),
  })
  .readonly()
export type Suggestion = z.infer<typeof Suggestion>

export const SuggestionSummary = z
  .object({ id: ExperimentId, plan: SuggestionPlan, created: Time, finished: Time.nullable() })
  .readonly()
export type SuggestionSummary = z.infer<typeof SuggestionSummary>
