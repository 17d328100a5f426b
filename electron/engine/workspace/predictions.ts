import type { ClassValue } from '../../contract/values.ts'
import { classify, strongest } from '../model/classify.ts'
import { probabilitiesOf } from '../model/probabilities.ts'
import { foldersById, placesOf } from '../photographs/read.ts'
import { classifierNamed } from '../registry/open.ts'
import type { ReadableImage } from '../store/photographs.ts'
import type { OpenProject } from './open-project.ts'

/**
 * The logits of some photographs: cached ones, and the others of one run. Missing and changed photographs are left out.
 */
export async function logitsOf(
  project: OpenProject,
  model: string,
  photographs: readonly ReadableImage[],
): Promise<ReadonlyMap<number, Float32Array>> {
  const key = classifierNamed(project.db, model)
  const name = (id: number): string => `logits ${key} ${id}`
  const known = new Map<number, Float32Array>()
  for (const { id } of photographs) {
    const logits = project.peek<Float32Array>(name(id))
    if (logits !== undefined) known.set(id, logits)
  }
  const folders = foldersById(project.db)
  const missing = photographs.flatMap(image => {
    if (known.has(image.id)) return []
    const [file, ...copies] = placesOf(project.db, image, folders)
    return file === undefined ? [] : [{ id: image.id, file, copies, hash: image.hash }]
  })
  if (missing.length > 0) {
    const classifier = await project.classifier(model)
    const { predictions } = await classify(classifier, await project.runtime(classifier), missing)
    for (const { source, logits } of predictions)
      known.set(
        source.id,
        project.cached(
          name(source.id),
          () => logits,
          ({ byteLength }) => byteLength,
        ),
      )
  }
  return known
}

/** The most probable classes of some photographs. */
export async function predictionsOf(
  project: OpenProject,
  model: string,
  photographs: readonly ReadableImage[],
  limit: number,
): Promise<ReadonlyMap<number, ClassValue[]>> {
  const logits = await logitsOf(project, model, photographs)
  if (logits.size === 0) return new Map()
  const classifier = await project.classifier(model)
  return new Map([...logits].map(([id, its]) => [id, strongest(probabilitiesOf(classifier, its), limit)]))
}
