import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { FolderInfo } from '../../contract/project.ts'
import { isCreditsFile } from '../images/credits.ts'
import type { Label } from '../model/classifier.ts'
import { distinctName, labelOfHint, unknownCount, unknownHints, unknownHintsText } from '../model/labels.ts'
import { DATA_ADD } from '../photographs/add.ts'
import { rememberFolders } from '../photographs/named.ts'
import { relink } from '../photographs/relink.ts'
import { labelsOf } from '../query/model-records.ts'
import { licensesOf } from '../store/credits.ts'
import { unfinishedJobs } from '../store/jobs.ts'
import { listModels, successorOf } from '../store/models.ts'
import { listFolders, listImages, removeFolder, usesOfFolder } from '../store/photographs.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { Calls } from './handlers.ts'

/** Maximum number of unreadable files that are listed with their reasons; the summary counts all. */
const MOST_UNREADABLE = 500

export const folderCalls: Calls<'folder'> = {
  'folder.list': (_, { project }) => folders(project()),
  'folder.remove': ({ id }, { project }) => {
    const db = project().writable()
    // What a job has read is not in the project yet.
    if (unfinishedJobs(db).length > 0)
      throw new UserError('cannot remove the folder while a job is queued or running: wait for it, or cancel it')
    const used = usesOfFolder(db, id)
    if (used !== null) throw new UserError(`cannot remove the folder: ${used}; remove those results first`)
    removeFolder(db, id)
    project().notify('project.changed', { what: ['summary', 'photographs'] })
    return {}
  },
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
      classes: classesOf(models, readable),
      attribution: path === null ? null : attributionIn(path),
      used: usesOfFolder(db, id),
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

/** Classes that are listed of a folder. */
const LISTED = 12

/** The classes of some photographs, in those of the first model that knows any of them. */
function classesOf(
  models: readonly { readonly name: string; readonly labels: readonly Label[] }[],
  images: readonly { readonly class: string | null }[],
): FolderInfo['classes'] {
  for (const { name, labels } of models) {
    const counts = new Map<number, number>()
    for (const { class: hint } of images) {
      const index = labelOfHint(labels, hint)?.index
      if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1)
    }
    if (counts.size === 0) continue
    const most = [...counts].sort(([i, a], [j, b]) => b - a || i - j).slice(0, LISTED)
    return {
      modelName: name,
      total: counts.size,
      most: most.map(([index, number]) => ({ name: distinctName(labels, index), images: number })),
    }
  }
  return null
}

/** The list of authors and licences in a folder; null without one. */
function attributionIn(path: string): string | null {
  try {
    const file = readdirSync(path).find(isCreditsFile)
    return file === undefined ? null : join(path, file)
  } catch {
    // The folder is not there: the page says so.
    return null
  }
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
