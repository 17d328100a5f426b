import { existsSync } from 'node:fs'
import type { ClassValue } from '../../contract/values.ts'
import { classifierNamed } from '../jobs/models/open.ts'
import { classify, strongest } from '../model/classify.ts'
import { probabilitiesOf } from '../model/probabilities.ts'
import type { OpenProject } from './open-project.ts'

/** The logits of some photographs, those that are kept in memory and the others of one run. Missing ones are left out. */
export async function logitsOf(
  project: OpenProject,
  model: string,
  photographs: readonly { readonly id: number; readonly file: string }[],
): Promise<ReadonlyMap<number, Float32Array>> {
  const key = classifierNamed(project.db, model)
  const name = (id: number): string => `logits ${key} ${id}`
  const found = new Map<number, Float32Array>()
  for (const { id } of photographs) {
    const logits = project.peek<Float32Array>(name(id))
    if (logits !== undefined) found.set(id, logits)
  }
  const missing = photographs.filter(({ id, file }) => !found.has(id) && existsSync(file))
  if (missing.length > 0) {
    const classifier = await project.classifier(model)
    const { answers } = await classify(classifier, await project.runtime(classifier), missing)
    for (const { source, logits } of answers)
      found.set(
        source.id,
        project.cached(
          name(source.id),
          () => logits,
          ({ byteLength }) => byteLength,
        ),
      )
  }
  return found
}

/** The most probable classes of some photographs. */
export async function predictionsOf(
  project: OpenProject,
  model: string,
  photographs: readonly { readonly id: number; readonly file: string }[],
  limit: number,
): Promise<ReadonlyMap<number, ClassValue[]>> {
  const logits = await logitsOf(project, model, photographs)
  if (logits.size === 0) return new Map()
  const classifier = await project.classifier(model)
  return new Map([...logits].map(([id, its]) => [id, strongest(probabilitiesOf(classifier, its), limit)]))
}
