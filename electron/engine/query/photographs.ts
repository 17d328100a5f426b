import type { z } from 'zod'
import type { Photograph } from '../../contract/project.ts'
import type { Label } from '../model/classifier.ts'
import { labelOfHint } from '../model/labels.ts'
import { type Folders, isThere, pathOf, stateOf } from '../photographs/read.ts'
import { creditOf } from '../store/credits.ts'
import type { ReadableImage } from '../store/photographs.ts'
import type { Project } from './project.ts'

type Shown = z.output<typeof Photograph>

/**
 * A photograph for the window; its file is read, to notice another picture in its place.
 * @param labels of the model whose class the photograph's folder or file may name
 */
export const photographOf = async (
  project: Project,
  image: ReadableImage,
  labels: readonly Label[],
  folders: Folders,
): Promise<Shown> => {
  const state = await stateOf(project.db, image, folders)
  return { ...recorded(project, image, labels, folders), available: state === 'present', changed: state === 'changed' }
}

/** The same for long lists: the file is not read, so that another picture in its place is not noticed yet. */
export const listedPhotograph = (
  project: Project,
  image: ReadableImage,
  labels: readonly Label[],
  folders: Folders,
): Shown => ({
  ...recorded(project, image, labels, folders),
  available: isThere(project.db, image, folders),
  changed: false,
})

/** What the project knows of a photograph without looking for its file. */
const recorded = (
  project: Project,
  image: ReadableImage,
  labels: readonly Label[],
  folders: Folders,
): Omit<Shown, 'available' | 'changed'> => ({
  id: image.id,
  file: pathOf(image, folders) ?? image.relative,
  // Imported samples name photographs whose size is not known.
  width: Math.max(1, image.width),
  height: Math.max(1, image.height),
  class: labelOfHint(labels, image.class)?.index ?? null,
  credit: creditOf(project.db, image),
})
