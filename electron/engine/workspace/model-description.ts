import type { ModelDescription, ProposedDescription } from '../../contract/models.ts'
import type { Classifier } from '../model/classifier.ts'
import { classify, strongest } from '../model/classify.ts'
import { readModel } from '../model/file.ts'
import { proposeSidecar } from '../model/init.ts'
import { distinctName, labelOfHint, labelText } from '../model/labels.ts'
import { labelsBeside, preparedClassifier } from '../model/load.ts'
import { probabilitiesOf } from '../model/probabilities.ts'
import { inputSize, parseSidecar, type Sidecar } from '../model/sidecar.ts'
import { readPhotograph, requirePhotograph } from '../photographs/read.ts'
import { liveRuntime } from './live-lab.ts'
import type { OpenProject } from './open-project.ts'

/** Classes that a test shows of each photograph. */
const TOP = 3

/**
 * What a model's graph says, and guesses for the rest, as a form shows it.
 * @throws UserError when the model cannot be used
 */
export async function proposedDescription(file: string): Promise<ProposedDescription> {
  const model = await readModel(file)
  const proposed = proposeSidecar(model)
  const { name, input, logits, probabilities = 'softmax', layers, unconfirmed = [], alternatives = {} } = proposed
  const { height, width } = inputSize(input)
  return {
    description: {
      ...{ name, logits, probabilities, license: proposed.license, source: proposed.source },
      size: [height, width],
      channels: input.channels,
      ...{ range: input.range, mean: input.mean, std: input.std, resize: input.resize },
      labels: null,
      layers: Object.entries(layers).map(([alias, tensor]) => ({ name: alias, tensor })),
    },
    classes: preparedClassifier(model, proposed).labels.length,
    unconfirmed,
    logits: (alternatives['logits'] ?? []).filter(each => typeof each === 'string'),
  }
}

/** The sidecar of a description: every field is confirmed. @throws UserError naming a field that is not valid */
export function sidecarOf(description: ModelDescription): Sidecar {
  const { name, size, channels, range, mean, std, resize, labels, layers, ...rest } = description
  const { logits, probabilities, license, source } = rest
  const content = {
    name,
    input: { size, channels, range, mean, std, resize },
    ...{ logits, probabilities },
    ...(labels !== null && { labels }),
    layers: Object.fromEntries(layers.map(layer => [layer.name, layer.tensor])),
    ...{ license, source },
  }
  // By the rules of sidecar files, so that what is written can be read.
  return parseSidecar(JSON.stringify(content), 'the description of the model')
}

/** A model with a sidecar that is not saved yet. @throws UserError when they do not fit */
export async function classifierWith(file: string, sidecar: Sidecar): Promise<Classifier> {
  return preparedClassifier(await readModel(file), sidecar, await labelsBeside(file, sidecar))
}

/** What a model predicts of some photographs with a description that is not saved yet. */
export async function testDescription(
  project: OpenProject,
  { file, description, images }: { file: string; description: ModelDescription; images: readonly number[] },
) {
  const classifier = await classifierWith(file, sidecarOf(description))
  const { labels } = classifier
  const sources = await Promise.all(
    images.map(async image => ({ image, ...(await readPhotograph(project.db, image)), copies: [] })),
  )
  const { predictions } = await classify(classifier, await liveRuntime(), sources)
  return predictions.map(({ source: { image }, logits }) => {
    const label = labelOfHint(labels, requirePhotograph(project.db, image).class)
    return {
      image,
      label: label ? labelText(label) : null,
      top: strongest(probabilitiesOf(classifier, logits), TOP).map(({ index, value }) => ({
        ...{ index, value },
        name: distinctName(labels, index),
      })),
    }
  })
}
