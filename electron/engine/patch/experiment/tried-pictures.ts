import type { ExperimentPlan, PatchGroup } from '../../../contract/experiment.ts'
import type { TransparentPicture } from '../../images/decode.ts'
import { experimentPatches, putExperimentPatches } from '../../store/experiments.ts'
import type { Writable } from '../../store/sql.ts'
import { meanPatch, noisePatch, shuffledPatch } from '../controls.ts'
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
  const noise = await noisePatches(db, controls.noise, seed)
  const made = async ({ group, of }: Tried): Promise<number> => {
    const [first] = of
    switch (group) {
      case 'real':
        return patches[first!]!
      case 'noise':
        return noise.shift()!
      case 'mean': {
        const origin = `mean of ${of.length} patches`
        const about = { name: 'mean colour', kind: 'mean' as const, origin, gallery: false }
        return (await keepPatch(db, meanPatch(of.map(k => real[k]!)), about)).id
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
  for (const tried of triedBy(plan)) entered.push({ patch: await made(tried), group: tried.group, note: null })
  putExperimentPatches(db, id, entered)
}

/** Noise patches, none of them in the gallery. @returns their ids */
export async function noisePatches(db: Writable, count: number, seed: number): Promise<number[]> {
  const ids: number[] = []
  for (let k = 0; k < count; k++) {
    const about = {
      name: `noise ${k + 1}`,
      kind: 'noise' as const,
      origin: `uniform noise, seed ${seed}`,
      gallery: false,
    }
    ids.push((await keepPatch(db, noisePatch(seed, k), about)).id)
  }
  return ids
}
