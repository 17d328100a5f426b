import { UserError } from '../../contract/errors.ts'
import type { FidelityRank, FidelitySummary } from '../../contract/fidelity.ts'
import { fidelityOfGrid, GridDirections, iconsWithoutActivation } from '../atlas/icon-fidelity.ts'
import type { Classifier } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { gridStatesOf } from '../store/grid-states.ts'
import { classifierOf } from './class-columns.ts'
import type { Project } from './project.ts'

/** Fills the activations that an earlier version did not store. */
export type Fill = (means: { readonly classifier: Classifier; readonly runtime: Runtime }) => Promise<unknown>

/**
 * The summary of the icons of a grid against chance. Activations that an earlier version did not store are computed and
 * stored first, where `fill` is given and the model is there.
 */
export async function summaryOfGrid(
  project: Project,
  atlas: AtlasRecord,
  grid: number,
  fill: Fill | undefined,
): Promise<FidelitySummary> {
  const revision = (): number => gridStatesOf(project.db, atlas.id).find(state => state.grid === grid)?.revision ?? 0
  if (fill !== undefined && iconsWithoutActivation(project.db, atlas, grid).length > 0)
    try {
      const classifier = await classifierOf(project, atlas)
      await fill({ classifier, runtime: await project.runtime(classifier) })
    } catch (error) {
      // Without the model these icons are not counted; the summary contains their number.
      if (!(error instanceof UserError)) throw error
    }
  const missing = iconsWithoutActivation(project.db, atlas, grid).length
  return await project.cached(
    `fidelity ${atlas.id} ${grid} ${revision()} ${missing}`,
    async () => (await fidelityOfGrid(project.db, atlas, grid)).summary,
    () => 64,
  )
}

/** The rank of one finished icon whose activation is known. */
export function rankOfIcon(
  project: Project,
  atlas: AtlasRecord,
  { grid, i, j }: { readonly grid: number; readonly i: number; readonly j: number },
  activation: Float32Array,
): FidelityRank {
  const directions = project.cached(
    `directions ${atlas.id} ${grid}`,
    () => new GridDirections(project.db, atlas, grid),
    ({ bytes }) => bytes,
  )
  const { own: _, ...rank } = directions.rankOf(activation, { i, j })
  return rank
}
