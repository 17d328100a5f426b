import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Label } from '../model/classifier.ts'
import { stored } from '../store/json.ts'
import { findModel, type ModelRecord } from '../store/models.ts'
import type { OpenProject } from './open-project.ts'

/** A layer as a project keeps it. */
export const LayerRecord = z.object({
  name: z.string(),
  tensor: z.string(),
  channels: z.number(),
  height: z.number(),
  width: z.number(),
  stride: z.number(),
  receptiveField: z.number(),
})
export type LayerRecord = z.infer<typeof LayerRecord>

const Described = z.object({
  input: z.record(z.string(), z.json()),
  license: z.string().default('unknown'),
  source: z.string().default('unknown'),
  labels: z.array(z.object({ synset: z.string(), name: z.string(), synonyms: z.array(z.string()) })).optional(),
  operators: z.array(z.string()).optional(),
})
/** What a project keeps of a model besides its layers. Projects of early days lack labels and operators. */
export type Described = z.infer<typeof Described>

export const layersOf = (model: ModelRecord): readonly LayerRecord[] =>
  stored(z.array(LayerRecord), model.layers, `the layers of the model ${model.name}`)
export const describedOf = (model: ModelRecord): Described =>
  stored(Described, model.sidecar, `the description of the model ${model.name}`)

/** @throws UserError when the project has no such model */
export const requireModel = (project: OpenProject, hash: string): ModelRecord => {
  const model = findModel(project.db, hash)
  if (model === undefined)
    throw new UserError(`${project.file} has no model ${hash.slice(0, 12)}; add it on the Models page`)
  return model
}

/** The classes of a model: from the project, and where it lacks them from the model's own file. */
export async function labelsOf(project: OpenProject, hash: string): Promise<readonly Label[]> {
  const kept = describedOf(requireModel(project, hash)).labels
  if (kept !== undefined) return kept.map((label, index) => ({ index, ...label }))
  return (await project.classifier(hash)).labels
}

/** The layer of an atlas, with the geometry that crops are drawn by. */
export const layerRecord = (model: ModelRecord, name: string): LayerRecord => {
  const layer = layersOf(model).find(each => each.name === name)
  if (layer === undefined) throw new UserError(`the model ${model.name} has no layer "${name}" any more`)
  return layer
}
