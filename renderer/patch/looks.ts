import { type ExperimentPlan, lookOfPatch, planLooks } from '../../electron/contract/experiment.ts'
import { lookOf, type PatchLook, sameLook } from '../../electron/contract/placement.ts'
import type { PlacedPatch } from './lab.ts'

/** The rules for the proportions of a patch, as forms name them. */
export const ASPECTS = { square: 'square (article)', kept: 'preserved (input)', photograph: 'preserved (photo)' }

/** The source of the looks that a plan measures: the editor, an earlier plan, or none of them. */
export type LookSource = 'editor' | 'plan' | 'plain'

/** Looks by patch; a patch that is not in it has the plain look. */
export type Looks = ReadonlyMap<number, PatchLook>

/** The placement whose look is measured: the selected one, else the top one that is visible, else the top one. */
export const measuredPlacement = (placed: readonly PlacedPatch[], selected: number | null): PlacedPatch | undefined =>
  placed.find(each => each.id === selected) ?? placed.findLast(each => !each.hidden) ?? placed.at(-1)

const placementsOf = (placed: readonly PlacedPatch[], patch: number): readonly PlacedPatch[] =>
  placed.filter(each => each.patch === patch)

/** The look of every patch in the editor. */
export const editedLooks = (placed: readonly PlacedPatch[], selected: number | null): Looks =>
  new Map(
    placed.map(({ patch }) => [patch, lookOf(measuredPlacement(placementsOf(placed, patch), selected)!)] as const),
  )

/** The look of every patch of a plan. */
export const plannedLooks = (plan: ExperimentPlan): Looks =>
  new Map(plan.patches.map(patch => [patch, lookOfPatch(plan, patch)]))

/** Whether a patch is in the editor several times with different looks, of which one is measured. */
export function isAmbiguous(placed: readonly PlacedPatch[], patch: number): boolean {
  const placements = placementsOf(placed, patch)
  return placements.some(each => !sameLook(each, placements[0]!))
}

/** The looks of a plan's patches, as plans contain them. @param plain the look of patches that have none of their own */
export function looksOf(
  patches: readonly number[],
  looks: Looks,
  plain: PatchLook,
): Pick<ExperimentPlan, 'look' | 'looks'> {
  return patches.length === 0 ? { look: plain } : planLooks(patches, patch => looks.get(patch) ?? plain)
}
