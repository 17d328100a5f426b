import type { Variant } from '../../contract/atlas.ts'
import { UserError } from '../../contract/errors.ts'
import type { Inversion, PresetName } from '../../contract/inversion.ts'
import { PRESETS } from '../../contract/presets.ts'
import { existingMoment } from '../atlas/stored-moment.ts'
import { resized } from '../inversion/frame.ts'
import { statisticsFor } from '../inversion/statistics.ts'
import { layerAt } from '../model/layers.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { sampleSet } from '../store/samples.ts'
import { inverted } from './inverted.ts'
import type { OpenProject } from './open-project.ts'

/** Ridge of the whitening of atlases that do not store it: the notebook's. */
const RIDGE = 1e-3

/** Inverts a direction of an atlas with another preset or seed. */
export async function variantOf(
  project: OpenProject,
  {
    atlas,
    model,
    direction,
  }: { readonly atlas: AtlasRecord; readonly model: string; readonly direction: Float32Array },
  { preset, seed, size }: { readonly preset: PresetName; readonly seed: number; readonly size: number },
): Promise<Variant> {
  const classifier = await project.classifier(model)
  const layer = layerAt(classifier, atlas.tensor, atlas.layer)
  const chosen: Inversion = PRESETS[preset].inversion
  // One icon at a time is requested: the rest of a larger batch would be discarded.
  const inversion = { ...resized(chosen, size), batch: 1 }
  const moment = existingMoment(project.db, sampleSet(project.db, atlas.set)!, atlas)
  if (moment === undefined)
    throw new UserError(
      `the moments of ${atlas.layer} are not in ${project.file} yet: wait for its job, or build the atlas again`,
    )
  const ridge = (atlas.whitening as { ridge?: number } | null)?.ridge ?? RIDGE
  const statistics = statisticsFor(inversion, moment, ridge)
  const [icon] = await inverted(project, { classifier, layer, preset, inversion, seed, statistics }, [direction])
  if (icon?.webp == null)
    throw new UserError(`optimisation with ${preset} failed from every start of seed ${seed}; try another seed`)
  return { icon: icon.key, preset, seed, fidelity: icon.fidelity, robustFidelity: icon.robustFidelity }
}
