import { classMap } from '../attribution/class-map.ts'
import { gridDirections } from '../image/grid.ts'
import { decodeImage } from '../images/decode.ts'
import type { ImageFile } from '../images/read.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { headIdentity, layerIdentity } from '../model/identity.ts'
import { requireClasses } from '../model/labels.ts'
import { readPhotograph } from '../photographs/read.ts'
import type { OpenProject } from './open-project.ts'

/** The activations of a photograph at every position, [height · width, channels], cached. */
export async function directionsOf(
  project: OpenProject,
  classifier: Classifier,
  layer: Layer,
  photograph: ImageFile,
): Promise<Float32Array> {
  const name = `grid ${layerIdentity(classifier, layer)} ${photograph.hash}`
  const known = project.peek<Float32Array>(name)
  if (known !== undefined) return known
  const directions = await gridDirections(classifier, await project.runtime(classifier), layer, photograph)
  return project.cached(
    name,
    () => directions,
    ({ byteLength }) => byteLength,
  )
}

/** The attribution of a photograph to one class at every position, [height · width], cached. */
export async function attributionMap(
  project: OpenProject,
  classifier: Classifier,
  layer: Layer,
  image: number,
  index: number,
): Promise<Float32Array<ArrayBuffer>> {
  requireClasses(classifier.name, classifier.labels.length, [index])
  const photograph = await readPhotograph(project.db, image)
  const name = `class map ${headIdentity(classifier)} ${layer.tensor} ${index} ${photograph.hash}`
  const known = project.peek<Float32Array<ArrayBuffer>>(name)
  if (known !== undefined) return known
  const { size, resize } = classifier.preprocessing
  const { rgb } = await decodeImage(photograph, { size, resize })
  const values = new Float32Array(await classMap(classifier, await project.runtime(classifier), layer, rgb, index))
  return project.cached(
    name,
    () => values,
    ({ byteLength }) => byteLength,
  )
}
