import { reason } from '../../contract/errors.ts'
import type { Label } from '../model/classifier.ts'
import { labelsBeside } from '../model/load.ts'
import { readSidecar, type Sidecar } from '../model/sidecar.ts'
import { type ClassifierRecord, findClassifier } from '../store/classifiers.ts'
import { canonical, type KeyPart } from '../store/keys.ts'
import { listModels, type ModelRecord, successorOf } from '../store/models.ts'
import type { Readable } from '../store/sql.ts'
import { NetworkChanged, parseLabels, requireNetwork, storedLayers } from './open.ts'

/** How a model has changed since the project was built with it. */
interface ModelState {
  /**
   * `same`; `missing`: at none of its paths; `changed`: the file contains another network; `described`: the network is
   * the same, and its sidecar differs from the project; `earlier`: the classifier is of an earlier description.
   */
  readonly state: 'same' | 'missing' | 'changed' | 'described' | 'earlier'
  /** One sentence; null for `same`. */
  readonly note: string | null
}

/**
 * Compares a model of a project with the file at its path.
 * @param classifier of the model, of its current or an earlier description
 */
export async function modelState(db: Readable, model: ModelRecord, classifier: ClassifierRecord): Promise<ModelState> {
  let file: string
  try {
    ;({ file } = await requireNetwork(db, model))
  } catch (error) {
    const successor = successorOf(db, model.hash)
    const more = successor === undefined ? '' : `; that network is in the project too, as ${successor.slice(0, 12)}…`
    return { state: error instanceof NetworkChanged ? 'changed' : 'missing', note: `${reason(error)}${more}` }
  }
  if (classifier.key !== model.classifier)
    return {
      state: 'earlier',
      note: `earlier description of the model "${model.name}": results were computed with ${descriptionText(classifier)}`,
    }
  const fields = await correctedFields(file, model, classifier)
  if (fields.length === 0) return { state: 'same', note: null }
  return {
    state: 'described',
    note: `the sidecar beside ${file} differs from the project (${fields.join(', ')}); build again, or add the model again, to use the current description`,
  }
}

/** The changes of the models of a project, a sentence for each that is not the same. */
export async function modelStates(db: Readable): Promise<readonly { readonly hash: string; readonly note: string }[]> {
  const notes: { hash: string; note: string }[] = []
  for (const model of listModels(db)) {
    const classifier = findClassifier(db, model.classifier)
    const { note } = classifier === undefined ? { note: null } : await modelState(db, model, classifier)
    if (note !== null) notes.push({ hash: model.hash, note })
  }
  return notes
}

const descriptionText = ({ logits, input }: ClassifierRecord): string =>
  `logits "${logits}", input ${JSON.stringify(input)}`

/** Fields of the sidecar beside a model that differ from the project. */
async function correctedFields(
  file: string,
  { name, layers }: ModelRecord,
  { input, logits, probabilities, labels }: ClassifierRecord,
): Promise<readonly string[]> {
  let sidecar: Sidecar
  let current: readonly Label[] | undefined
  try {
    sidecar = await readSidecar(file)
    current = await labelsBeside(file, sidecar)
  } catch {
    // Without a sidecar the description of the project applies.
    return []
  }
  const before = typeof input === 'object' && input !== null ? (input as Readonly<Record<string, KeyPart>>) : {}
  const own = storedLayers(layers, name)
  const tensors: KeyPart = Object.fromEntries(own.map(({ name, tensor }) => [name, tensor]))
  const differs = (a: KeyPart, b: KeyPart): boolean => canonical(a) !== canonical(b)
  const stored = labels === null ? undefined : parseLabels(labels)
  const texts = (list: readonly Label[]): KeyPart =>
    list.map(({ synset, name, synonyms }) => [synset, name, [...synonyms]])
  return [
    ...Object.entries(sidecar.input).flatMap(([field, value]) =>
      differs(value as KeyPart, before[field]) ? [`input.${field}`] : [],
    ),
    ...(sidecar.logits === logits ? [] : ['logits']),
    ...((sidecar.probabilities ?? 'softmax') === (probabilities ?? 'softmax') ? [] : ['probabilities']),
    ...(differs(tensors, namesToTensors(sidecar.layers, own)) ? ['layers'] : []),
    ...(current && stored && differs(texts(current), texts(stored)) ? ['labels'] : []),
  ]
}

/** Layers of a sidecar, names to tensors; a sidecar that maps tensors to names is accepted. */
function namesToTensors(layers: Sidecar['layers'], stored: readonly { readonly name: string }[]): KeyPart {
  const names = new Set(stored.map(({ name }) => name))
  const swapped =
    Object.values(layers).every(name => names.has(name)) && !Object.keys(layers).every(name => names.has(name))
  return swapped ? Object.fromEntries(Object.entries(layers).map(([tensor, name]) => [name, tensor])) : layers
}
