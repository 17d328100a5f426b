import { join } from 'node:path'
import type { z } from 'zod'
import type { Photograph } from '../../contract/project.ts'
import { isThere, stateOf } from '../jobs/data/photographs.ts'
import type { Label } from '../model/classifier.ts'
import { labelOfHint } from '../model/labels.ts'
import { creditOf } from '../store/credits.ts'
import { type ImageRecord, listFolders, type ReadableImage } from '../store/photographs.ts'
import type { OpenProject } from './open-project.ts'

/** Where a photograph of the project lies; undefined where its folder is known by name only. */
export const pathOf = (project: OpenProject, image: Pick<ImageRecord, 'folder' | 'relative'>): string | undefined => {
  const folder = listFolders(project.db).find(({ id }) => id === image.folder)
  return folder?.path == null ? undefined : join(folder.path, image.relative)
}

/** @param labels of the model whose class the photograph's folder or file may name */
export const photographOf = async (
  project: OpenProject,
  image: ReadableImage,
  labels: readonly Label[],
): Promise<z.output<typeof Photograph>> => {
  const state = await stateOf(project.db, image)
  return { ...listedPhotograph(project, image, labels), available: state === 'here', changed: state === 'changed' }
}

/** The same for long lists: the file is not read, so that another picture in its place is not noticed yet. */
export const listedPhotograph = (
  project: OpenProject,
  image: ReadableImage,
  labels: readonly Label[],
): z.output<typeof Photograph> => ({
  id: image.id,
  file: pathOf(project, image) ?? image.relative,
  // Imported samples name photographs whose size nobody has seen.
  width: Math.max(1, image.width),
  height: Math.max(1, image.height),
  available: isThere(project.db, image),
  changed: false,
  class: labelOfHint(labels, image.class ?? undefined)?.index ?? null,
  credit: creditOf(project.db, image),
})
