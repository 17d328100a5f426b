import { z } from 'zod'
import { type ExperimentPlan, lookOfPatch, patchesByLook, planLooks } from '../../../contract/experiment.ts'
import type { PatchGroup } from '../../../contract/experiment-result.ts'
import type { PatchLook } from '../../../contract/placement.ts'
import type { SuggestionPlan } from '../../../contract/suggestion.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { experimentPatches, putExperimentPatches } from '../../store/experiments.ts'
import type { Readable, Writable } from '../../store/sql.ts'
import { inProportion, meanPatch, noisePatch, shuffledPatch } from '../controls.ts'
import { keepPatch, patchNames, pictureOfPatch, requirePatch } from '../gallery.ts'
import { meanControl, spectrumControl } from '../matched.ts'
import type { Candidate } from './population.ts'
import { naturalPatches } from './unrelated.ts'

/** A patch that an experiment tries, before its picture is made. */
export interface Tried {
  readonly group: PatchGroup
  readonly look: PatchLook
  /** Which of the plan's patches it is, or controls: their places in the plan. */
  readonly of: readonly number[]
}

type Looks = Pick<ExperimentPlan, 'patches' | 'look' | 'looks'>

/** Whether a plan has matched controls; those of earlier versions had uniform noise and one mean colour of all patches. */
export const isMatched = ({ controls }: Pick<ExperimentPlan, 'controls'>): boolean => controls.natural !== undefined

/**
 * Everything that an experiment tries, in the order of its ordinals: the plan's patches, then their controls, each with
 * the look of what it controls. In plans of earlier versions noise patches take turns among the plan's patches, and of
 * the mean colour there is one for each look.
 */
export function triedBy(plan: Looks & Pick<ExperimentPlan, 'controls'>): readonly Tried[] {
  const { patches, controls } = plan
  const one = (group: PatchGroup, k: number): Tried => ({ group, look: lookOfPatch(plan, patches[k]!), of: [k] })
  const each = (group: PatchGroup, count: number): Tried[] =>
    patches.flatMap((_, k) => Array.from({ length: count }, () => one(group, k)))
  const means = patchesByLook(plan).map(
    (each): Tried => ({ group: 'mean', look: each.look, of: each.patches.map(patch => patches.indexOf(patch)) }),
  )
  return [
    ...patches.map((_, k) => one('real', k)),
    ...Array.from({ length: controls.noise }, (_, k) => one('noise', k % patches.length)),
    ...(controls.mean ? (isMatched(plan) ? each('mean', 1) : means) : []),
    ...(controls.shuffled > 0 ? each('shuffled', 1) : []),
    ...each('spectrum', controls.spectrum ?? 0),
    ...(controls.surroundings ? each('surroundings', 1) : []),
    ...each('natural', controls.natural ?? 0),
  ]
}

/** What is painted in the place of a patch of a group. */
export const fillOf = (group: PatchGroup): { readonly fill?: 'surroundings' } =>
  group === 'surroundings' ? { fill: 'surroundings' } : {}

/** In the note of a control: the ordinals of the real patches that it controls; null: all. */
export const ControlNote = z.object({ of: z.array(z.int().min(0)).nullable() })

/**
 * The look of everything that an experiment or a suggestion tries, by ordinal.
 * @param entered what is entered; nothing before its job has started
 */
export const looksOf = (
  plan: ExperimentPlan | SuggestionPlan,
  entered: readonly Pick<ReturnType<typeof experimentPatches>[number], 'group' | 'note'>[],
): readonly PatchLook[] => {
  if (!('patches' in plan) || plan.looks === undefined) return entered.map(() => plan.look)
  const tried = triedBy(plan)
  return entered.map(({ note }, k) => {
    const { data } = ControlNote.safeParse(note)
    return data?.of?.[0] === undefined ? tried[k]!.look : lookOfPatch(plan, plan.patches[data.of[0]]!)
  })
}

/** A patch that is entered in an experiment or a suggestion, with its look and its pixels. */
export interface LoadedPatch {
  readonly patch: number
  readonly look: PatchLook
  readonly picture: TransparentPicture
  readonly fill?: ReturnType<typeof fillOf>
}

/** Everything that an experiment or a suggestion tries, by ordinal. */
export async function loadPatches(
  db: Readable,
  id: number,
  plan: ExperimentPlan | SuggestionPlan,
): Promise<readonly LoadedPatch[]> {
  const entered = experimentPatches(db, id)
  const looks = looksOf(plan, entered)
  return Promise.all(
    entered.map(async ({ patch, group }, k) => ({
      patch,
      look: looks[k]!,
      picture: await pictureOfPatch(db, patch),
      fill: fillOf(group),
    })),
  )
}

/** A plan in the form in which it is kept. */
export function planAsKept(plan: ExperimentPlan): ExperimentPlan {
  const { looks: _, ...rest } = plan
  return { ...rest, ...planLooks(plan.patches, patch => lookOfPatch(plan, patch)) }
}

/**
 * The version of an experiment's method, for its content key. Since version 3 controls are matched to their patches and the
 * outcome is the target's log-odds; since version 2 controls have the proportions of what they control, which they have
 * in version 1 too where they are forced into squares.
 */
export const methodVersion = (plan: Looks & Pick<ExperimentPlan, 'controls'>): number => {
  if (isMatched(plan)) return 3
  return patchesByLook(plan).every(({ look }) => look.aspect === 'square') ? 1 : 2
}

/**
 * Creates the controls, none of them in the gallery, and enters what is tried, in the order of `triedBy`. What a control
 * controls is noted with it. There may be fewer natural controls than planned.
 * @param unrelated photographs for natural controls
 */
export async function enterPatches(
  db: Writable,
  id: number,
  plan: ExperimentPlan,
  unrelated: readonly Candidate[],
): Promise<void> {
  const { patches, controls, seed } = plan
  const real = await Promise.all(patches.map(patch => pictureOfPatch(db, patch)))
  const names = patchNames(patches.map(patch => requirePatch(db, patch)))
  const all = triedBy(plan)
  const noise = await noisePatches(
    db,
    all.filter(({ group }) => group === 'noise').map(tried => ratioOf(tried, real)),
    seed,
  )
  const natural: number[][] = []
  for (const [k, picture] of real.entries())
    natural.push(await naturalPatches(db, unrelated, picture, { count: controls.natural ?? 0, seed, name: names[k]! }))
  const counts = new Map<string, number>()
  const made = async (tried: Tried): Promise<number | undefined> => {
    const { group, of } = tried
    const first = of[0]!
    const index = counts.get(`${group} ${first}`) ?? 0
    counts.set(`${group} ${first}`, index + 1)
    const name = names[first]!
    const keep = async (
      picture: TransparentPicture,
      kind: 'noise' | 'mean' | 'shuffled',
      called: string,
      origin: string,
    ) => (await keepPatch(db, picture, { name: called, kind, origin, gallery: false })).id
    switch (group) {
      case 'real':
      case 'surroundings':
        return patches[first]!
      case 'noise':
        return noise.shift()!
      case 'natural':
        return natural[first]![index]
      case 'spectrum': {
        const origin = `random phases, seed ${seed}`
        return keep(spectrumControl(real[first]!, seed, index), 'noise', `${name}: noise ${index + 1}`, origin)
      }
      case 'mean': {
        if (isMatched(plan)) return keep(meanControl(real[first]!), 'mean', `${name}: mean colour`, `mean of ${name}`)
        const controlled = of.map(k => real[k]!)
        const ratio = ratioOf(tried, real)
        // More pixels where they have proportions to keep.
        const picture = ratio === 1 ? meanPatch(controlled) : inProportion(meanPatch(controlled, 224), ratio)
        return keep(picture, 'mean', 'mean colour', `mean of ${of.length} patches`)
      }
      case 'shuffled': {
        const origin = `${name} in ${controls.shuffled} × ${controls.shuffled} blocks`
        return keep(shuffledPatch(real[first]!, controls.shuffled, seed), 'shuffled', `${name}, shuffled`, origin)
      }
    }
  }
  const entered: { patch: number; group: PatchGroup; note: { of: number[] } | null }[] = []
  for (const tried of all) {
    const patch = await made(tried)
    const { group } = tried
    if (patch !== undefined) entered.push({ patch, group, note: group === 'real' ? null : { of: [...tried.of] } })
  }
  putExperimentPatches(db, id, entered)
}

/** Width to height: the geometric mean where a control belongs to several patches; a forced square has none of its own. */
const ratioOf = ({ of, look }: Tried, real: readonly TransparentPicture[]): number =>
  look.aspect === 'square'
    ? 1
    : Math.exp(of.reduce((sum, k) => sum + Math.log(real[k]!.width / real[k]!.height), 0) / of.length)

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
