import type { ExperimentPlan, PatchGroup } from '../../../contract/experiment.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { experimentPatches, putExperimentPatches } from '../../store/experiments.ts'
import type { Writable } from '../../store/sql.ts'
import { inProportion, meanPatch, noisePatch, shuffledPatch } from '../controls.ts'
import { keepPatch, pictureOfPatch, requirePatch } from '../gallery.ts'
import { patchNames } from './names.ts'
import { type Tried, triedBy } from './tried.ts'

/** The pixels of all patches of an experiment, in their order. */
export const picturesOf = (db: Writable, id: number): Promise<TransparentPicture[]> =>
  Promise.all(experimentPatches(db, id).map(({ patch }) => pictureOfPatch(db, patch)))

/** Makes the controls, none of them in the gallery, and enters what is tried, in the order of `triedBy`. */
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
 * Makes noise patches, none of them in the gallery.
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
