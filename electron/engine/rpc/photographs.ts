import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Photograph } from '../../contract/project.ts'
import type { Label } from '../model/classifier.ts'
import { labelOfHint } from '../model/labels.ts'
import { creditOf } from '../store/credits.ts'
import { findImage, type ImageRecord, listFolders } from '../store/photographs.ts'
import type { OpenProject } from './open-project.ts'

/** Where a photograph of the project lies; undefined where its folder is known by name only. */
export const pathOf = (project: OpenProject, image: Pick<ImageRecord, 'folder' | 'relative'>): string | undefined => {
  const folder = listFolders(project.db).find(({ id }) => id === image.folder)
  return folder?.path == null ? undefined : join(folder.path, image.relative)
}

/** @param labels of the model whose class the photograph's folder or file may name */
export const photographOf = (
  project: OpenProject,
  image: ImageRecord & { readonly status: 'ok' },
  labels: readonly Label[],
): z.output<typeof Photograph> => {
  const path = pathOf(project, image)
  return {
    id: image.id,
    file: path ?? image.relative,
    // Imported samples name photographs whose size nobody has seen.
    width: Math.max(1, image.width),
    height: Math.max(1, image.height),
    available: path !== undefined && existsSync(path),
    class: labelOfHint(labels, image.class ?? undefined)?.index ?? null,
    credit: creditOf(project.db, image),
  }
}

/** @throws UserError when the project has no such photograph, or its file isn't where it was */
export const requirePhotograph = (
  project: OpenProject,
  id: number,
): { readonly file: string; readonly hash: string } => {
  const image = findImage(project.db, id)
  if (image === undefined) throw new UserError(`there is no photograph ${id} in ${project.file}`)
  const file = pathOf(project, image)
  if (image.status !== 'ok') throw new UserError(`${file ?? image.relative} can't be read: ${image.reason}`)
  if (file === undefined || !existsSync(file))
    throw new UserError(`${file ?? image.relative} isn't where it was: link its folder anew on the Data page`)
  return { file, hash: image.hash }
}
