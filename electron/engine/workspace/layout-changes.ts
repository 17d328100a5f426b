import { classAtlasOfPlan } from '../store/class-atlases.ts'
import { gridStatesOf } from '../store/grid-states.ts'
import type { OpenProject } from './open-project.ts'

/**
 * Notifies windows that the layout of a class atlas or a comparison was stored: its cells lie elsewhere now, whatever their
 * icons.
 * @param plan the key of its plan
 */
export function notifyOfLayout(project: Pick<OpenProject, 'db' | 'forgetAtlas' | 'notify'>, plan: string): void {
  const atlas = classAtlasOfPlan(project.db, plan)
  if (atlas === undefined) return
  project.forgetAtlas(atlas.id, atlas.layout)
  project.notify('project.changed', { what: ['atlases'] })
  for (const { grid, revision } of gridStatesOf(project.db, atlas.id))
    project.notify('cells.changed', { atlas: atlas.id, grid, revision })
}
