import {
  type ExperimentPlan,
  lookOfPatch,
  type PatchGroup,
  patchesByLook,
  planLooks,
} from '../../../contract/experiment.ts'
import type { PatchLook } from '../../../contract/placement.ts'
import type { SuggestionPlan } from '../../../contract/suggestion.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { experimentPatches, putExperimentPatches } from '../../store/experiments.ts'
import type { Readable, Writable } from '../../store/sql.ts'
import { inProportion, meanPatch, noisePatch, shuffledPatch } from '../controls.ts'
import { keepPatch, patchNames, pictureOfPatch, requirePatch } from '../gallery.ts'

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
 * @param count how many patches are entered; 0 before its job has started
 */
export const looksOf = (plan: ExperimentPlan | SuggestionPlan, count: number): readonly PatchLook[] =>
  'patches' in plan && plan.looks !== undefined
    ? triedBy(plan).map(({ look }) => look)
    : Array.from({ length: count }, () => plan.look)

/** A patch that is entered in an experiment or a suggestion, with its look and its pixels. */
export interface LoadedPatch {
  readonly patch: number
  readonly look: PatchLook
  readonly picture: TransparentPicture
}

/** Everything that an experiment or a suggestion tries, by ordinal. */
export async function loadPatches(
  db: Readable,
  id: number,
  plan: ExperimentPlan | SuggestionPlan,
): Promise<readonly LoadedPatch[]> {
  const entered = experimentPatches(db, id)
  const looks = looksOf(plan, entered.length)
  return Promise.all(
    entered.map(async ({ patch }, k) => ({ patch, look: looks[k]!, picture: await pictureOfPatch(db, patch) })),
  )
}

/** A plan in the form in which it is kept. */
export function planAsKept(plan: ExperimentPlan): ExperimentPlan {
  const { looks: _, ...rest } = plan
  return { ...rest, ...planLooks(plan.patches, patch => lookOfPatch(plan, patch)) }
}

/**
 * The version of an experiment's controls, for its content key. Controls have the proportions of what they control since
 * version 2; forced into squares they are what they were in version 1.
 */
export const controlsVersion = (plan: Looks): number =>
  patchesByLook(plan).every(({ look }) => look.aspect === 'square') ? 1 : 2

/** Creates the controls, none of them in the gallery, and enters what is tried, in the order of `triedBy`. */
export async function enterPatches(db: Writable, id: number, plan: ExperimentPlan): Promise<void> {
  const { patches, controls, seed } = plan
  const real = await Promise.all(patches.map(patch => pictureOfPatch(db, patch)))
  const names = patchNames(patches.map(patch => requirePatch(db, patch)))
  // The geometric mean where a control belongs to several patches; a forced square has no proportions of its own.
  const ratioOf = ({ of, look }: Tried): number =>
    look.aspect === 'square'
      ? 1
      : Math.exp(of.reduce((sum, k) => sum + Math.log(real[k]!.width / real[k]!.height), 0) / of.length)
  const all = triedBy(plan)
  const noise = await noisePatches(db, all.filter(({ group }) => group === 'noise').map(ratioOf), seed)
  const made = async (tried: Tried): Promise<number> => {
    const { group, of } = tried
    const [first] = of
    switch (group) {
      case 'real':
        return patches[first!]!
      case 'noise':
        return noise.shift()!
      case 'mean': {
        const origin = `mean of ${of.length} patches`
        const about = { name: 'mean colour', kind: 'mean' as const, origin, gallery: false }
        const controlled = of.map(k => real[k]!)
        const ratio = ratioOf(tried)
        // More pixels where they have proportions to keep.
        const picture = ratio === 1 ? meanPatch(controlled) : inProportion(meanPatch(controlled, 224), ratio)
        return (await keepPatch(db, picture, about)).id
      }
      case 'shuffled': {
        const name = names[first!]!
        const origin = `${name} in ${controls.shuffled} × ${controls.shuffled} blocks`
        const about = { name: `${name}, shuffled`, kind: 'shuffled' as const, origin, gallery: false }
        return (await keepPatch(db, shuffledPatch(real[first!]!, controls.shuffled, seed), about)).id
      }
    }
  }
  const entered: { patch: number; group: PatchGroup; note: null }[] = []
  for (const tried of all) entered.push({ patch: await made(tried), group: tried.group, note: null })
  putExperimentPatches(db, id, entered)
}

/**
 * Creates noise patches, none of them in the gallery.
 * @param ratios width to height, of each
 * @returns their ids
 */
export async function noisePatches(db: Writable, ratios: readonly number[], seed: number): Promise<number[]> {
  const ids: number[] = []
  for (const [k, ratio] of ratios.entries()) {
    const about = {
      name: `noise ${k + 1}`,
      kind: 'noise' as const,
      origin: `uniform noise, seed ${seed}`,
      gallery: false,
    }
    ids.push((await keepPatch(db, inProportion(noisePatch(seed, k), ratio), about)).id)
  }
  return ids
}
