import { z } from 'zod'
import { Composition, lookText, PatchLook, Positions, sameLook } from './placement.ts'
import { ClassIndex, FilePath, ImageId, ModelHash, PatchId, Seed, ShownText, Time, Unit } from './values.ts'

/** Below so many photographs a rate is an illustration, not a measurement. */
export const fewPhotographs = 20

/**
 * Which photographs count. `labelled`: those whose folder or file names the source class and that the model classifies
 * as it before (the article's). `top5`, `top10`: those with the source class among the model's five or ten strongest.
 */
export const Population = z.enum(['labelled', 'top5', 'top10'])
export type Population = z.infer<typeof Population>

/**
 * Controls, each at the same photograph, position, size, mask and blend as the patch that it controls. The first three
 * are those of earlier versions.
 */
export const Controls = z
  .object({
    /** Uniform noise, so many patches; its pixels deviate far less than those of a picture once it is resized. */
    noise: z.int().min(0).max(200),
    /** The mean colour of each patch; in plans without `spectrum` one of all patches. */
    mean: z.boolean(),
    /** Each real patch cut into n × n blocks in random order; 0: none. */
    shuffled: z.int().min(0).max(32),
    /** Patches of noise with the spectrum, colours and variance of each patch: its phases are random. */
    spectrum: z.int().min(0).max(20).optional(),
    /** What is under the patch, filled in smoothly from its surroundings: whether hiding it is enough. */
    surroundings: z.boolean().optional(),
    /** Regions of unrelated photographs of neither class, so many for each patch. */
    natural: z.int().min(0).max(50).optional(),
  })
  .readonly()
export type Controls = z.infer<typeof Controls>

export const ExperimentPlan = z
  .object({
    name: z.string().min(1).max(120),
    /** A column each. */
    models: z.array(ModelHash).min(1).max(8).readonly(),
    /** Classes of the first model; others have them by the same synset or name. */
    source: ClassIndex,
    target: ClassIndex,
    population: Population,
    /** Folders of the project; null: all. */
    folders: z.array(z.int().positive()).min(1).readonly().nullable(),
    patches: z.array(PatchId).min(1).max(1000).readonly(),
    /** How every patch and every control looks, but for those in `looks`. */
    look: PatchLook.prefault({}),
    /** Patches that look otherwise; a control looks as what it controls. */
    looks: z
      .array(z.object({ patch: PatchId, look: PatchLook }).readonly())
      .max(1000)
      .readonly()
      .optional(),
    sizes: z.array(z.number().gt(0).max(1)).min(1).max(64).readonly(),
    positions: Positions,
    controls: Controls,
    /** Of noise, blocks, halves and resampling. */
    seed: Seed,
    /** Resamplings of photographs. */
    resamplings: z.int().min(100).max(100_000).default(2000),
  })
  .readonly()
export type ExperimentPlan = z.infer<typeof ExperimentPlan>

type Looks = Pick<ExperimentPlan, 'patches' | 'look' | 'looks'>

/** How a patch of a plan looks. */
export const lookOfPatch = ({ look, looks }: Omit<Looks, 'patches'>, patch: number): PatchLook =>
  looks?.find(each => each.patch === patch)?.look ?? look

/** The patches of a plan by their looks, in the plan's order. */
export function patchesByLook(
  plan: Looks,
): readonly { readonly look: PatchLook; readonly patches: readonly number[] }[] {
  const found: { look: PatchLook; patches: number[] }[] = []
  for (const patch of plan.patches) {
    const look = lookOfPatch(plan, patch)
    const known = found.find(each => sameLook(each.look, look))
    if (known) known.patches.push(patch)
    else found.push({ look, patches: [patch] })
  }
  return found
}

/**
 * The looks of a plan's patches in the one form in which plans contain them, so that equal plans have equal content keys:
 * `look` is the first patch's, and `looks` names only patches that differ from it, in the plan's order.
 */
export function planLooks(
  patches: readonly number[],
  lookOf: (patch: number) => PatchLook,
): Pick<ExperimentPlan, 'look' | 'looks'> {
  const each = patches.map(patch => ({ patch, look: lookOf(patch) }))
  const { look } = each[0]!
  const looks = each.filter(one => !sameLook(one.look, look))
  return looks.length === 0 ? { look } : { look, looks }
}

/**
 * What looks are measured, a line each: `look: rotated 30°, forced square`, or, where patches differ,
 * `look of red.png, blue.png: rotated 30°, forced square`.
 */
export const looksText = (plan: Looks, nameOf: (patch: number) => string): readonly string[] => {
  const groups = patchesByLook(plan)
  return groups.map(({ look, patches }) =>
    groups.length === 1 ? `look: ${lookText(look)}` : `look of ${patches.map(nameOf).join(', ')}: ${lookText(look)}`,
  )
}

export const ExperimentId = z.int().positive()

/** Before a start: what it would cost. */
export const ExperimentEstimate = z
  .object({
    /** Photographs that are looked at to find the population; how many belong to it is not known before. */
    photographs: z.int().min(0),
    /** Of these, those labelled as the source class. */
    labelled: z.int().min(0),
    /** Compositions for each photograph of the population and each model. */
    perPhotograph: z.int().min(1),
    notes: z.array(ShownText).readonly(),
  })
  .readonly()
export type ExperimentEstimate = z.infer<typeof ExperimentEstimate>

export const ExperimentSummary = z
  .object({
    id: ExperimentId,
    plan: ExperimentPlan,
    created: Time,
    finished: Time.nullable(),
    /** Trials in the project, of all; the total is 0 until the population is known. */
    done: z.int().min(0),
    total: z.int().min(0),
  })
  .readonly()
export type ExperimentSummary = z.infer<typeof ExperimentSummary>

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
    order: z.enum(['photograph', 'change', 'target']),
    offset: z.int().min(0),
    limit: z.int().min(1).max(500),
  })
  .readonly()
export type TrialQuery = z.infer<typeof TrialQuery>

export const Trials = z.object({ total: z.int().min(0), trials: z.array(Trial).readonly() }).readonly()
export type Trials = z.infer<typeof Trials>

/** `csv`: every trial a line. `json`: plan, results and trials. `png`: a plate like the article's figure. */
export const ExperimentFile = z
  .object({ experiment: ExperimentId, format: z.enum(['csv', 'json', 'png']), file: FilePath })
  .readonly()
