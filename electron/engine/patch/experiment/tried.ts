import type { ExperimentPlan, PatchGroup } from '../../../contract/experiment.ts'
import { lookOfPatch, patchesByLook } from '../../../contract/experiment.ts'
import { type PatchLook, sameLook } from '../../../contract/patch-look.ts'
import type { SuggestionPlan } from '../../../contract/suggestion.ts'

/** A patch that an experiment tries, before its picture is made. */
export interface Tried {
  readonly group: PatchGroup
  readonly look: PatchLook
  /** Which of the plan's patches it is, or controls: their places in the plan. */
  readonly of: readonly number[]
}

type Looks = Pick<ExperimentPlan, 'patches' | 'look' | 'looks'>

/**
 * Everything that an experiment tries, in the order of its ordinals: the plan's patches, then their controls, each with
 * the look of what it controls. Noise patches take turns among the plan's patches; of the mean colour there is one for
 * each look, of the patches that have it.
 */
export function triedBy(plan: Looks & Pick<ExperimentPlan, 'controls'>): readonly Tried[] {
  const { patches, controls } = plan
  const one = (group: PatchGroup, k: number): Tried => ({ group, look: lookOfPatch(plan, patches[k]!), of: [k] })
  const means = patchesByLook(plan).map(
    (each): Tried => ({ group: 'mean', look: each.look, of: each.patches.map(patch => patches.indexOf(patch)) }),
  )
  return [
    ...patches.map((_, k) => one('real', k)),
    ...Array.from({ length: controls.noise }, (_, k) => one('noise', k % patches.length)),
    ...(controls.mean ? means : []),
    ...(controls.shuffled > 0 ? patches.map((_, k) => one('shuffled', k)) : []),
  ]
}

/**
 * The look of everything that an experiment or a suggestion tries, by ordinal.
 * @param count how many patches are entered; 0 before its job has begun
 */
export const looksOf = (plan: ExperimentPlan | SuggestionPlan, count: number): readonly PatchLook[] =>
  'patches' in plan && plan.looks !== undefined
    ? triedBy(plan).map(({ look }) => look)
    : Array.from({ length: count }, () => plan.look)

/**
 * A plan in the form in which it is kept, so that equal plans have equal content keys: `look` is the first patch's, and
 * `looks` names only patches of the plan that differ from it, in the plan's order.
 */
export function planAsKept(plan: ExperimentPlan): ExperimentPlan {
  const { looks: _, ...rest } = plan
  const look = lookOfPatch(plan, plan.patches[0]!)
  const looks = plan.patches
    .map(patch => ({ patch, look: lookOfPatch(plan, patch) }))
    .filter(each => !sameLook(each.look, look))
  return looks.length === 0 ? { ...rest, look } : { ...rest, look, looks }
}

/**
 * The version of an experiment's controls, for its content key. Controls have the proportions of what they control since
 * version 2; forced into squares they are what they were in version 1.
 */
export const controlsVersion = (plan: Looks): number =>
  patchesByLook(plan).every(({ look }) => look.aspect === 'square') ? 1 : 2
