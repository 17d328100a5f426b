import { requireSeparate } from '../files/output.ts'
import { isPhotographName } from '../images/find.ts'
import { modelFiles } from '../model/files.ts'
import { listModels } from '../store/models.ts'
import { listFolders } from '../store/photographs.ts'
import type { OpenProject } from './open-project.ts'

/**
 * Refuses a file to be written that is the project itself, a model of it, or one of its photographs.
 * @throws UserError that names what would be destroyed
 */
export async function requireHarmless({ db, file: project }: OpenProject, file: string): Promise<void> {
  const models = (await Promise.all(listModels(db).map(model => modelFiles(model.file)))).flat()
  const folders = listFolders(db).flatMap(({ path }) => (path === null ? [] : [path]))
  await requireSeparate([file], [project, `${project}-wal`, `${project}-shm`, ...models])
  if (isPhotographName(file)) await requireSeparate([file], [], folders)
}
