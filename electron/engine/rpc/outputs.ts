import { photographFolders, requireOutputs } from '../photographs/outputs.ts'
import { listModels } from '../store/models.ts'
import type { OpenProject } from '../workspace/open-project.ts'

/**
 * Refuses a file to be written that is the project itself, a model of it, or one of its photographs.
 * @throws UserError that names what would be destroyed
 */
export const requireHarmless = ({ db, file: project }: OpenProject, file: string): Promise<void> =>
  requireOutputs([file], {
    project,
    models: listModels(db).map(model => model.file),
    folders: photographFolders(db),
  })
