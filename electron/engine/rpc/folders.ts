import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { FolderInfo } from '../../contract/project.ts'
import type { Label } from '../model/classifier.ts'
import { unknownCount, unknownHints, unknownHintsText } from '../model/labels.ts'
import { DATA_ADD } from '../photographs/add.ts'
import { rememberFolders } from '../photographs/named.ts'
import { relink } from '../photographs/relink.ts'
import { labelsOf } from '../query/model-records.ts'
import { licensesOf } from '../store/credits.ts'
import { listModels, successorOf } from '../store/models.ts'
import { listFolders, listImages } from '../store/photographs.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { Calls } from './handlers.ts'

/** Maximum number of unreadable files that are listed with their reasons; the summary counts all. */
const MOST_UNREADABLE = 500

export const folderCalls: Calls<'folder'> = {
  'folder.list': (_, { project }) => folders(project()),
  'folder.add': ({ folder }, { project }) => {
    requireFolder(folder)
    project().writable()
    rememberFolders([folder])
    return { job: project().start(DATA_ADD, { folders: [folder] }) }
  },
  'folder.relink': async ({ id, folder }, { project }) => {
    requireFolder(folder)
    rememberFolders([folder])
    const found = await relink(project().writable(), id, folder)
    project().notify('project.changed', { what: ['summary', 'photographs'] })
    return found
  },
}

const requireFolder = (folder: string): void => {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UserError(`${folder} is not a folder; choose the one that holds the photographs`)
}

async function folders(project: OpenProject): Promise<FolderInfo[]> {
  const { db } = project
  const models = await labelledModels(project)
  return listFolders(db).map(({ id, name, path }) => {
    const images = listImages(db, id)
    const readable = images.filter(image => image.status === 'ok')
    return {
      id,
      name,
      path,
      available: path !== null && existsSync(path),
      images: readable.length,
      classless: models.flatMap(model => {
        const unknown = unknownHints(
          model.labels,
          readable.map(image => image.class),
        )
        const { name: modelName } = model
        return unknown.length === 0
          ? []
          : [{ modelName, images: unknownCount(unknown), hints: unknownHintsText(unknown) }]
      }),
      licenses: licensesOf(db, id),
      unreadable: images
        .flatMap(image =>
          image.status === 'unreadable'
            ? [{ file: path === null ? image.relative : join(path, image.relative), reason: image.reason }]
            : [],
        )
        .slice(0, MOST_UNREADABLE),
    }
  })
}

/** The present models of a project with their classes; not those whose classes are nowhere to be found now. */
async function labelledModels(
  project: OpenProject,
): Promise<readonly { readonly name: string; readonly labels: readonly Label[] }[]> {
  const found = await Promise.all(
    listModels(project.db)
      .filter(({ hash }) => successorOf(project.db, hash) === undefined)
      .map(async ({ hash, name }) => {
        try {
          return [{ name, labels: await labelsOf(project, hash) }]
        } catch (error) {
          // The Models page reports missing files.
          if (error instanceof UserError) return []
          throw error
        }
      }),
  )
  return found.flat()
}
