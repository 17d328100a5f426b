import { z } from 'zod'
import { lookText, PatchLook, Positions, sameLook } from './placement.ts'
import { ClassIndex, ModelHash, PatchId, Seed, ShownText, Time } from './values.ts'

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
