import { existsSync } from 'node:fs'
import type { ModelInfo } from '../../contract/project.ts'
import { EMBEDDED_MODEL } from '../demo/build.ts'
import { accuracyOf, MODEL_EVALUATE } from '../evaluation/accuracy.ts'
import type { Classifier } from '../model/classifier.ts'
import { writeSidecar } from '../model/init.ts'
import { readLabelLines } from '../model/label-file.ts'
import { loadClassifier } from '../model/load.ts'
import { sidecarPath } from '../model/sidecar.ts'
import { describedOf, inputOf, labelsOf, layersOf, type NamedModel, requireModel } from '../query/model-records.ts'
import { enterModel } from '../registry/enter.ts'
import { classifierNamed } from '../registry/open.ts'
import { modelState } from '../registry/state.ts'
import { usedClassifiers } from '../store/classifiers.ts'
import { listModels } from '../store/models.ts'
import { classifierWith, proposedDescription, sidecarOf, testDescription } from '../workspace/model-description.ts'
import type { OpenProject } from '../workspace/open-project.ts'
import type { Calls } from './handlers.ts'

/** A model that was just read, in the project. */
async function entered(project: OpenProject, classifier: Classifier): Promise<ModelInfo> {
  enterModel(project.writable(), classifier)
  project.notify('project.changed', { what: ['summary', 'models', 'atlases'] })
  return info(project, classifier.hash, requireModel(project, classifier.hash))
}

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
    project().writable()
    return entered(project(), await loadClassifier(file))
  },
  'models.addEmbedded': async (_, { project }) => {
    project().writable()
    return entered(project(), await loadClassifier(EMBEDDED_MODEL))
  },
  'models.propose': async ({ file }) => (existsSync(sidecarPath(file)) ? null : proposedDescription(file)),
  'models.readLabels': async ({ file }) => ({ labels: await readLabelLines(file) }),
  'models.test': ({ file, description, images }, { project }) =>
    testDescription(project(), { file, description, images }),
  'models.describe': async ({ file, description }, { project }) => {
    project().writable()
    const sidecar = sidecarOf(description)
    // Before anything is written: what cannot be loaded gets no sidecar.
    const classifier = await classifierWith(file, sidecar)
    await writeSidecar(file, sidecar)
    return entered(project(), classifier)
  },
  'models.accuracy': async ({ model }, { project }) => {
    const { classifier } = requireModel(project(), model)
    return accuracyOf(project().db, classifier.key, await labelsOf(project(), model))
  },
  'models.evaluate': ({ model }, { project }) => ({
    job: project().startOnce(MODEL_EVALUATE, { classifier: classifierNamed(project().writable(), model) }),
  }),
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
