import { z } from 'zod'
import { ExperimentId, ExperimentSummary } from './experiment.ts'
import { Composition } from './placement.ts'
import { ClassIndex, FilePath, ImageId, ModelHash, PatchId, ShownText, Unit } from './values.ts'

/** A number with its interval, 95 % by default, and its number of photographs. */
export const Estimate = z
  .object({
    value: z.number(),
    low: z.number(),
    high: z.number(),
    photographs: z.int().min(0),
    /** `wilson` where each photograph gives one trial; `bootstrap` over photographs, `student` where they are fewer than 8; `none` where nothing is known. */
    interval: z.enum(['wilson', 'bootstrap', 'student', 'none']),
  })
  .readonly()
export type Estimate = z.infer<typeof Estimate>

/** A share of trials, with their numbers. */
export const Rate = z.object({ count: z.int().min(0), of: z.int().min(0), share: Estimate }).readonly()
export type Rate = z.infer<typeof Rate>

/** What a patch, or several, did to photographs. Probabilities are means, 0 to 1. */
export const Effect = z
  .object({
    /** Photographs that are reported on. */
    photographs: z.int().min(0),
    /** Of the trials, those whose photograph was classified as the source before: what flips are counted of. */
    correctBefore: z.int().min(0),
    /** Source before, target after: the article's success. */
    flipped: Rate,
    /** Source before, anything else after. */
    flippedToAny: Rate,
    /** Another class than the target before, the target after; of all that were not the target before. */
    becameTarget: Rate,
    targetBefore: z.number(),
    targetAfter: Estimate,
    sourceBefore: z.number(),
    sourceAfter: Estimate,
    /** Change of the target's log-odds: the outcome. */
    change: Estimate,
    /** Change of the source's log-odds: hiding the source is not evidence for the target, and never ranks. */
    sourceChange: Estimate,
  })
  .readonly()
export type Effect = z.infer<typeof Effect>

/** A size and a position, by their places in the plan. */
export const Geometry = z.object({ size: z.number(), position: z.int().min(0), x: Unit, y: Unit }).readonly()
export type Geometry = z.infer<typeof Geometry>

/** Groups of controls, in the order in which they are reported. */
export const controlGroups = ['natural', 'spectrum', 'surroundings', 'mean', 'shuffled', 'noise'] as const
export const ControlGroup = z.enum(controlGroups)
export type ControlGroup = z.infer<typeof ControlGroup>
export const PatchGroup = z.enum(['real', ...controlGroups])
export type PatchGroup = z.infer<typeof PatchGroup>

export const groupNames: Readonly<Record<PatchGroup, string>> = {
  real: 'patches',
  natural: 'unrelated photographs',
  spectrum: 'noise of the same spectrum',
  surroundings: 'its surroundings filled in',
  mean: 'mean colour',
  shuffled: 'shuffled blocks',
  noise: 'uniform noise',
}

const Over = z.object({ control: ControlGroup, difference: Estimate }).readonly()

/**
 * A patch above its controls: change of the target's log-odds by the patch less the mean change by the controls of a
 * group at the same size and position, photograph by photograph.
 */
export const OverControls = z
  .object({
    each: z.array(Over).min(1).readonly(),
    /** The smallest difference: what the patch does beyond every control. */
    smallest: Over,
    /** All lower bounds lie above 0. */
    holds: z.boolean(),
  })
  .readonly()
export type OverControls = z.infer<typeof OverControls>

export const PatchResult = z
  .object({
    patch: PatchId,
    name: ShownText,
    group: PatchGroup,
    /** One size and position for all photographs, given, or chosen on one half of them and reported on the other. */
    static: z.object({ chosen: Geometry.nullable(), effect: Effect }).readonly(),
    /** The best size and position for each photograph. */
    dynamic: Effect,
    /** Static; the intervals are corrected for the number of patches. Null for controls, and without any. */
    overControls: OverControls.nullable(),
  })
  .readonly()
export type PatchResult = z.infer<typeof PatchResult>

/** All patches of one group together. */
export const GroupResult = z
  .object({
    group: PatchGroup,
    patches: z.int().min(1),
    static: Effect,
    dynamic: Effect,
    /** The patch, size and position that did best on one half, on the other half. */
    best: z.object({ patch: PatchId, chosen: Geometry, effect: Effect }).readonly().nullable(),
  })
  .readonly()
export type GroupResult = z.infer<typeof GroupResult>

/** Real patches less a group of controls, photograph by photograph. */
export const Difference = z
  .object({
    control: ControlGroup,
    static: z.object({ flipped: Estimate, change: Estimate }).readonly(),
    dynamic: z.object({ flipped: Estimate, change: Estimate }).readonly(),
    /** Best against best. */
    best: z.object({ flipped: Estimate, change: Estimate }).readonly().nullable(),
  })
  .readonly()
export type Difference = z.infer<typeof Difference>

export const ModelResult = z
  .object({
    model: ModelHash,
    modelName: ShownText,
    /** Photographs looked at; of these, those that belong to the population. */
    considered: z.int().min(0),
    unreadable: z.int().min(0),
    members: z.int().min(0),
    /**
     * Photographs of the population with complete trials: n of all results; and of each half. With one size and position
     * nothing is chosen: `chosenOn` is 0, and all are reported on.
     */
    population: z.int().min(0),
    correctBefore: z.int().min(0),
    chosenOn: z.int().min(0),
    reportedOn: z.int().min(0),
    /** Fewer photographs than a measurement needs. */
    illustration: z.boolean(),
    patches: z.array(PatchResult).readonly(),
    groups: z.array(GroupResult).readonly(),
    differences: z.array(Difference).readonly(),
    /** Real patches: share of flips by size and position, [sizes][positions], over all photographs. */
    flipsByGeometry: z.array(z.array(Rate).readonly()).readonly(),
  })
  .readonly()
export type ModelResult = z.infer<typeof ModelResult>

/** `static chosen on 12 photographs, reported on the other 13`, to continue a sentence. */
export const chosenText = ({ chosenOn, reportedOn }: Pick<ModelResult, 'chosenOn' | 'reportedOn'>): string =>
  chosenOn === 0
    ? `size and position given, reported on all ${reportedOn} photographs`
    : `static: size and position chosen on ${chosenOn} photographs, reported on the other ${reportedOn}`

export const ExperimentResult = z
  .object({
    experiment: ExperimentSummary,
    /** One sentence where an earlier version made it, with other controls; null otherwise. */
    madeEarlier: ShownText.nullable(),
    models: z.array(ModelResult).readonly(),
  })
  .readonly()
export type ExperimentResult = z.infer<typeof ExperimentResult>

/** One composition and its prediction. It can be opened in the editor. */
export const Trial = z
  .object({
    model: ModelHash,
    image: ImageId,
    file: ShownText,
    patch: PatchId,
    patchName: ShownText,
    group: PatchGroup,
    size: z.number(),
    position: z.int().min(0),
    x: Unit,
    y: Unit,
    winnerBefore: ClassIndex,
    winner: ClassIndex,
    winnerProbability: z.number(),
    sourceProbability: z.number(),
    targetProbability: z.number(),
    sourceBefore: z.number(),
    targetBefore: z.number(),
    /** Changes of the target's log-odds, the outcome, and of the source's. */
    change: z.number(),
    sourceChange: z.number(),
    /** The half whose photographs were reported on, rather than chosen by. */
    reported: z.boolean(),
    composition: Composition,
  })
  .readonly()
export type Trial = z.infer<typeof Trial>

export const TrialQuery = z
  .object({
    experiment: ExperimentId,
    model: ModelHash.nullable(),
    patch: PatchId.nullable(),
    image: ImageId.nullable(),
    /** Only source before, target after. */
    flipped: z.boolean(),
    /** `flipped`: those that flipped to the target first, then those of another flip, each by the target's probability. */
    order: z.enum(['flipped', 'photograph', 'change', 'target']),
    offset: z.int().min(0),
    limit: z.int().min(1).max(500),
  })
  .readonly()
export type TrialQuery = z.infer<typeof TrialQuery>

export const Trials = z.object({ total: z.int().min(0), trials: z.array(Trial).readonly() }).readonly()
export type Trials = z.infer<typeof Trials>

/** `csv`: every trial a line. `json`: plan, results and trials. The figure is that of view-figure.ts. */
export const ExperimentFile = z
  .object({ experiment: ExperimentId, format: z.enum(['csv', 'json']), file: FilePath })
  .readonly()
