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
 * A photograph for the window; its file is read, to detect that it has changed.
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

/** The same for long lists: the file is not read, so that a changed file is not detected. */
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

/** The stored fields of a photograph, without reading its file. */
const recorded = (
  project: Project,
  image: ReadableImage,
  labels: readonly Label[],
  folders: Folders,
): Omit<Shown, 'available' | 'changed'> => ({
  id: image.id,
  file: pathOf(image, folders) ?? image.relative,
  // Photographs of imported samples may have no stored size.
  width: Math.max(1, image.width),
  height: Math.max(1, image.height),
  class: labelOfHint(labels, image.class)?.index ?? null,
  credit: creditOf(project.db, image),
})
