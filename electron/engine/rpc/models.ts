import type { ModelInfo } from '../../contract/project.ts'
import { loadClassifier } from '../model/load.ts'
import { describedOf, inputOf, labelsOf, layersOf, type NamedModel, requireModel } from '../query/model-records.ts'
import { enterModel } from '../registry/enter.ts'
import { modelState } from '../registry/state.ts'
import { usedClassifiers } from '../store/classifiers.ts'
import { listModels } from '../store/models.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { Calls } from './handlers.ts'

export const modelsCalls: Calls<'models'> = {
  'models.list': async (_, { project }) => {
    const it = project()
    const infos: ModelInfo[] = []
    for (const { hash, classifier: present } of listModels(it.db)) {
      infos.push(await info(it, hash, requireModel(it, hash)))
      // What something was made with before the description was corrected.
      for (const classifier of usedClassifiers(it.db, hash))
        if (classifier.key !== present) infos.push(await info(it, classifier.key, requireModel(it, classifier.key)))
    }
    return infos
  },
  'models.add': async ({ file }, { project }) => {
    const db = project().writable()
    const classifier = await loadClassifier(file)
    enterModel(db, classifier)
    project().notify('project.changed', { what: ['summary', 'models', 'atlases'] })
    return info(project(), classifier.hash, requireModel(project(), classifier.hash))
  },
}

async function info(project: OpenProject, id: string, { model, classifier }: NamedModel): Promise<ModelInfo> {
  const described = describedOf(model)
  const { state, note } = await modelState(project.db, model, classifier)
  const available = state !== 'missing' && state !== 'changed'
  // A project of an early version has no class names; they are unknown without the model's file.
  const classes = classifier.labels !== null || available ? await labelsOf(project, id) : []
  return {
    hash: id,
    name: model.name,
    file: model.file,
    available,
    note,
    layers: layersOf(id === model.hash ? model : classifier),
    operators: described.operators ?? [],
    classes: classes.length,
    preprocessing: [...Object.entries(inputOf(classifier)), ['logits', classifier.logits] as const].map(
      ([name, value]) => ({ name, value: Array.isArray(value) ? value.join(', ') : String(value) }),
    ),
    license: described.license,
    source: described.source,
  }
}
