import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import { LayerName } from '../../contract/values.ts'
import type { Label } from '../model/classifier.ts'
import { classifierNamed, openClassifier, parseLabels } from '../registry/open.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { type ClassifierRecord, findClassifier } from '../store/classifiers.ts'
import { stored } from '../store/json.ts'
import { findModel, type ModelRecord } from '../store/models.ts'
import { sampleSet } from '../store/samples.ts'
import type { Project } from './project.ts'

/** A layer as stored in a project. */
export const LayerRecord = z.object({
  name: LayerName,
  tensor: z.string(),
  channels: z.number(),
  height: z.number(),
  width: z.number(),
  stride: z.number(),
  receptiveField: z.number(),
})
export type LayerRecord = z.infer<typeof LayerRecord>

const Described = z.object({
  license: z.string().default('unknown'),
  source: z.string().default('unknown'),
  operators: z.array(z.string()).optional(),
})
/** The stored description of a model apart from its classifiers. Projects of early versions lack operators. */
type Described = z.infer<typeof Described>

export const layersOf = ({ layers }: ModelRecord | ClassifierRecord): readonly LayerRecord[] =>
  stored(z.array(LayerRecord), layers, 'the layers of a model')
export const describedOf = (model: ModelRecord): Described =>
  stored(Described, model.sidecar, `the description of the model ${model.name}`)
/** The preprocessing, field by field. */
export const inputOf = ({ input }: ClassifierRecord): Readonly<Record<string, unknown>> =>
  stored(z.record(z.string(), z.json()), input, 'the preprocessing of a model')

/** The model of a call. */
export interface NamedModel {
  readonly model: ModelRecord
  readonly classifier: ClassifierRecord
}

/**
 * Resolves the model of a call: the hash of a network, with its current description, or the key of a classifier of
 * earlier results.
 * @throws UserError when the project has no such model
 */
export const requireModel = (project: Project, id: string): NamedModel => {
  const classifier = findClassifier(project.db, classifierNamed(project.db, id))
  const model = classifier && findModel(project.db, classifier.model)
  if (model === undefined || classifier === undefined)
    throw new UserError(`${project.file} has no model ${id.slice(0, 12)}; add it on the Models page`)
  return { model, classifier }
}

/** The id of an atlas's model in calls: the hash of its network, or the key of its classifier if the description has changed. */
export const modelOf = (project: Project, { set, classifier }: AtlasRecord): string => {
  const { model } = sampleSet(project.db, set)!
  return classifier === null || findModel(project.db, model)?.classifier === classifier ? model : classifier
}

/** The labels of a model: from the project, or, if it lacks them, from the model's files. */
export async function labelsOf(project: Project, id: string): Promise<readonly Label[]> {
  const { labels, key } = requireModel(project, id).classifier
  return labels === null ? (await openClassifier(project.db, key)).labels : parseLabels(labels)
}

/** The layer of an atlas, with the geometry of its receptive fields. */
export const layerRecord = ({ model, classifier }: NamedModel, { tensor, layer: name }: AtlasRecord): LayerRecord => {
  const layer = layersOf(classifier).find(each => each.tensor === tensor)
  if (layer === undefined)
    throw new UserError(`the model ${model.name} has no layer "${name}" any more; build the atlas again`)
  return { ...layer, name }
}
