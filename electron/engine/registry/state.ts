import { reason } from '../../contract/errors.ts'
import type { Label } from '../model/classifier.ts'
import { labelsBeside } from '../model/load.ts'
import { readSidecar, type Sidecar } from '../model/sidecar.ts'
import { type ClassifierRecord, findClassifier } from '../store/classifiers.ts'
import { canonical, type KeyPart } from '../store/keys.ts'
import { listModels, type ModelRecord, successorOf } from '../store/models.ts'
import type { Readable } from '../store/sql.ts'
import { keptLabels, NetworkChanged, requireNetwork } from './open.ts'

/** What has become of a model since the project was made with it. */
export interface ModelState {
  /**
   * `same`; `missing`: at none of its places; `changed`: another network lies there; `described`: the network is the
   * same, and its sidecar says something else than the project; `earlier`: what was made before the project's own
   * description was corrected.
   */
  readonly state: 'same' | 'missing' | 'changed' | 'described' | 'earlier'
  /** One sentence; null where it is the same. */
  readonly note: string | null
}

/**
 * Compares a model of a project with what lies at its place now.
 * @param classifier of the model: as it is described now, or as it was before
 */
export async function modelState(db: Readable, model: ModelRecord, classifier: ClassifierRecord): Promise<ModelState> {
  let file: string
  try {
    ;({ file } = await requireNetwork(db, model))
  } catch (error) {
    const successor = successorOf(db, model.hash)
    const more = successor === undefined ? '' : `; that one is in the project too, as ${successor.slice(0, 12)}…`
    return { state: error instanceof NetworkChanged ? 'changed' : 'missing', note: `${reason(error)}${more}` }
  }
  if (classifier.key !== model.classifier)
    return {
      state: 'earlier',
      note: `what the model "${model.name}" was before its description was corrected: results of then were made with ${differently(classifier)}`,
    }
  const fields = await correctedFields(file, model, classifier)
  if (fields.length === 0) return { state: 'same', note: null }
  return {
    state: 'described',
    note: `the sidecar beside ${file} says something else than the project (${fields.join(', ')}); build again, or add the model again, to use it as it is described now`,
  }
}

/** What has changed about the models of a project, a sentence for each that is not the same. */
export async function modelStates(db: Readable): Promise<readonly { readonly hash: string; readonly note: string }[]> {
  const notes: { hash: string; note: string }[] = []
  for (const model of listModels(db)) {
    const classifier = findClassifier(db, model.classifier)
    const { note } = classifier === undefined ? { note: null } : await modelState(db, model, classifier)
    if (note !== null) notes.push({ hash: model.hash, note })
  }
  return notes
}

const differently = ({ logits, input }: ClassifierRecord): string =>
  `logits "${logits}", input ${JSON.stringify(input)}`

/** Fields of the sidecar beside a model that say something else than the project does. */
export async function correctedFields(
  file: string,
  { layers }: ModelRecord,
  { input, logits, probabilities, labels }: ClassifierRecord,
): Promise<readonly string[]> {
  let sidecar: Sidecar
  let own: readonly Label[] | undefined
  try {
    sidecar = await readSidecar(file)
    own = await labelsBeside(file, sidecar)
  } catch {
    // Without a sidecar the project's own description is what there is.
    return []
  }
  const before = (input ?? {}) as Readonly<Record<string, KeyPart>>
  const tensors = (list: unknown): KeyPart =>
    Object.fromEntries((list as readonly { name: string; tensor: string }[]).map(({ name, tensor }) => [name, tensor]))
  const differs = (a: KeyPart, b: KeyPart): boolean => canonical(a) !== canonical(b)
  const kept = labels === null ? undefined : keptLabels(labels)
  const texts = (list: readonly Label[]): KeyPart =>
    list.map(({ synset, name, synonyms }) => [synset, name, [...synonyms]])
  return [
    ...Object.entries(sidecar.input).flatMap(([field, value]) =>
      differs(value as KeyPart, before[field]) ? [`input.${field}`] : [],
    ),
    ...(sidecar.logits === logits ? [] : ['logits']),
    ...((sidecar.probabilities ?? 'softmax') === (probabilities ?? 'softmax') ? [] : ['probabilities']),
    ...(differs(tensors(layers), turnedRound(sidecar.layers, layers)) ? ['layers'] : []),
    ...(own && kept && differs(texts(own), texts(kept)) ? ['labels'] : []),
  ]
}

/** Layers of a sidecar, names to tensors; those that have it the other way round are understood. */
function turnedRound(layers: Sidecar['layers'], known: unknown): KeyPart {
  const names = new Set((known as readonly { name: string }[]).map(({ name }) => name))
  const swapped =
    Object.values(layers).every(name => names.has(name)) && !Object.keys(layers).every(name => names.has(name))
  return swapped ? Object.fromEntries(Object.entries(layers).map(([tensor, name]) => [name, tensor])) : layers
}
