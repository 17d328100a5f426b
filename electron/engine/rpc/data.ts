import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../contract/errors.ts'
import type { FolderInfo } from '../../contract/project.ts'
import { DATA_ADD } from '../jobs/data/add.ts'
import { rememberFolders } from '../jobs/data/named.ts'
import { relink } from '../jobs/data/relink.ts'
import { bodyOf } from '../jobs/kinds.ts'
import { licensesOf } from '../store/credits.ts'
import { listFolders, listImages } from '../store/photographs.ts'
import type { Readable } from '../store/sql.ts'
import type { Part } from './handlers.ts'

/** Unreadable files that are told with their reasons; the count in the summary is of all. */
const MOST_UNREADABLE = 500

export const dataCalls: Part<'data'> = {
  'data.list': (_, { project }) => folders(project().db),
  'data.add': ({ folder }, { project }) => {
    requireFolder(folder)
    const db = project().writable()
    rememberFolders([folder])
    const params = { folders: [folder] }
    return { job: project().start(DATA_ADD, params, bodyOf(db, DATA_ADD, params)) }
  },
  'data.relink': async ({ id, folder }, { project }) => {
    requireFolder(folder)
    rememberFolders([folder])
    const found = await relink(project().writable(), id, folder)
    project().tell('project.changed', { what: ['summary', 'data'] })
    return found
  },
}

const requireFolder = (folder: string): void => {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UserError(`${folder} is not a folder; choose the one that holds the photographs`)
}

const folders = (db: Readable): FolderInfo[] =>
  listFolders(db).map(({ id, name, path }) => {
    const images = listImages(db, id)
    return {
      id,
      name,
      path,
      available: path !== null && existsSync(path),
      images: images.filter(image => image.status === 'ok').length,
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
