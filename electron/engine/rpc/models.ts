import { existsSync } from 'node:fs'
import type { ModelInfo } from '../../contract/project.ts'
import { enterModel } from '../jobs/atlas/build.ts'
import { loadClassifier } from '../model/load.ts'
import { listModels, type ModelRecord } from '../store/models.ts'
import type { Part } from './handlers.ts'
import { type Described, describedOf, labelsOf, layersOf, requireModel } from './model-records.ts'
import type { OpenProject } from './open-project.ts'

export const modelsCalls: Part<'models'> = {
  'models.list': (_, { project }) => Promise.all(listModels(project().db).map(model => info(project(), model))),
  'models.add': async ({ file }, { project }) => {
    const db = project().writable()
    const classifier = await loadClassifier(file)
    enterModel(db, classifier)
    project().tell('project.changed', { what: ['summary', 'models'] })
    return info(project(), requireModel(project(), classifier.hash))
  },
}

async function info(project: OpenProject, model: ModelRecord): Promise<ModelInfo> {
  const described = describedOf(model)
  const available = existsSync(model.file)
  // A project of early days doesn't know its classes; without the model's file nobody does.
  const classes = described.labels ?? (available ? await labelsOf(project, model.hash) : [])
  return {
    hash: model.hash,
    name: model.name,
    file: model.file,
    available,
    layers: layersOf(model),
    operators: described.operators ?? [],
    classes: classes.length,
    preprocessing: preprocessingOf(described),
    license: described.license,
    source: described.source,
  }
}

const preprocessingOf = ({ input }: Described): ModelInfo['preprocessing'] =>
  Object.entries(input).map(([name, value]) => ({
    name,
    value: Array.isArray(value) ? value.join(', ') : String(value),
  }))
