import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Classifier, Label } from '../model/classifier.ts'
import { type NetworkFiles, networkIn, readModel } from '../model/file.ts'
import { labelsBeside, preparedClassifier } from '../model/load.ts'
import { Input, readSidecar, Sidecar } from '../model/sidecar.ts'
import type { AtlasRecord } from '../store/atlases.ts'
import { type ClassifierRecord, findClassifier, usedClassifiers } from '../store/classifiers.ts'
import { stored } from '../store/json.ts'
import { canonical } from '../store/keys.ts'
import { findModel, type ModelRecord, moveModel } from '../store/models.ts'
import { placeOf } from '../store/places.ts'
import { type SampleSet, sampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'

/** The labels of a model's classes, as stored in a project. */
const StoredLabels = z.array(z.object({ synset: z.string(), name: z.string(), synonyms: z.array(z.string()) }))
const StoredLayers = z.array(z.object({ name: z.string(), tensor: z.string() }))
const StoredSidecar = z.object({ license: z.string().default('unknown'), source: z.string().default('unknown') })

/**
 * Opens a classifier of a project: the network from its file, which must have the same bytes, and the description from
 * the project. The sidecar beside the file may have changed; it applies when the model is entered again.
 * @param key of the classifier
 * @throws UserError when the file is missing or contains another network, with its paths and the way out
 */
export async function openClassifier(db: Readable, key: string): Promise<Classifier> {
  const { record, model } = requireClassifier(db, key)
  const { file } = await requireNetwork(db, model)
  return preparedClassifier(await readModel(file), sidecarOf(record, model), await labelsIn(record, file))
}

export function requireClassifier(
  db: Readable,
  key: string,
): { readonly record: ClassifierRecord; readonly model: ModelRecord } {
  const record = findClassifier(db, key)
  const model = record && findModel(db, record.model)
  if (record && model) return { record, model }
  throw new UserError(
    `${db.file} has no model ${key.slice(0, 12)}; add it on the Models page, or build an atlas with it`,
  )
}

/** The paths of a model: the absolute path, then the path relative to the project. */
function placesOfModel(db: Readable, { file, beside }: ModelRecord): readonly string[] {
  const folder = dirname(resolve(db.file))
  // An earlier version stored the path as typed, without the folder that it was relative to.
  const relative = beside ?? (isAbsolute(file) ? null : file)
  return [...new Set([...(isAbsolute(file) ? [file] : []), ...(relative === null ? [] : [resolve(folder, relative)])])]
}

/** @throws UserError when the network is at none of its paths */
export async function requireNetwork(db: Readable, model: ModelRecord): Promise<NetworkFiles> {
  const places = placesOfModel(db, model)
  const present = places.filter(place => existsSync(place))
  if (present.length === 0) throw missing(model, places)
  const others: NetworkFiles[] = []
  for (const place of present) {
    const network = await networkIn(place)
    if (network.hash === model.hash) return network
    others.push(network)
  }
  throw changed(db, model, others[0]!)
}

/** The file of the project's network contains another network. */
export class NetworkChanged extends UserError {}

const missing = ({ name }: ModelRecord, [first, second]: readonly string[]): UserError =>
  new UserError(
    `the model "${name}" is not at ${first}${second === undefined ? '' : `, nor at ${second}`}; pass its new path with --model, or add it on the Models page`,
  )

function changed(db: Readable, { name, hash }: ModelRecord, { file, graphHash, data }: NetworkFiles): UserError {
  const remedy = 'restore the original or pass its path with --model, or build again with this one'
  // Earlier versions identified a model by its .onnx file alone.
  if (graphHash === hash)
    return new NetworkChanged(
      `cannot determine whether ${file} is still the model "${name}" of ${db.file}: an earlier version did not store the hash of its weights in ${data.join(', ')}; build again`,
    )
  return new NetworkChanged(
    `${file} is not the model "${name}" of ${db.file} any more: its graph or its weights have changed; ${remedy}`,
  )
}

/** The classifier of a reference in calls and plans: the hash of a network, with its current description, or the key of a classifier. */
export const classifierNamed = (db: Readable, model: string): string => findModel(db, model)?.classifier || model

/**
 * The classifier of samples: the current description of the model, or, if its preprocessing was corrected after they
 * were drawn, the description that they were drawn with.
 * @throws UserError when the project has no classifier with the preprocessing of the samples
 */
export function classifierOfSet(db: Readable, { model: hash, input }: SampleSet): string {
  const present = findModel(db, hash)!.classifier
  if (input === null) return present
  const own = canonical(z.json().parse(JSON.parse(input)))
  const fits = (record: ClassifierRecord | undefined): boolean =>
    record !== undefined && canonical(z.json().parse(record.input)) === own
  if (fits(findClassifier(db, present))) return present
  const other = usedClassifiers(db, hash).find(fits)
  if (other) return other.key
  throw new UserError(
    `the "input" of the sidecar was corrected after these samples were drawn in ${db.file}; draw new ones with portolan atlas build`,
  )
}

/** Whether an atlas is of the network and the preprocessing of a classifier, so that their activations can be compared. */
export function sameInput(db: Readable, { set, classifier: key }: AtlasRecord, classifier: Classifier): boolean {
  const input = key === null ? undefined : findClassifier(db, key)?.input
  return (
    sampleSet(db, set)?.model === classifier.hash &&
    (input === undefined || canonical(z.json().parse(input)) === canonical({ ...classifier.preprocessing }))
  )
}

/**
 * Updates the path of a model of the project.
 * @param hash of the expected model; any model of the project by default
 * @throws UserError when the file contains another network
 */
export async function modelFoundAt(db: Writable, file: string, hash?: string): Promise<void> {
  const network = await networkIn(file)
  const model = findModel(db, network.hash)
  const expected = hash === undefined ? undefined : findModel(db, hash)
  if (model === undefined || (hash !== undefined && network.hash !== hash)) {
    if (expected?.hash === network.graphHash) throw changed(db, expected, network)
    throw new UserError(
      expected === undefined
        ? `${file} is not a model of ${db.file}; portolan project info ${db.file} lists its models`
        : `${file} is not the model "${expected.name}" that these samples were drawn with (${expected.hash.slice(0, 12)}…, this is ${network.hash.slice(0, 12)}…); pass the path of that model with --model`,
    )
  }
  const { path, beside } = placeOf(db.file, network.file)
  moveModel(db, model.hash, { file: path, beside })
}

function sidecarOf({ input, logits, probabilities, layers }: ClassifierRecord, model: ModelRecord): Sidecar {
  const preprocessing = Input.safeParse(input)
  if (!preprocessing.success || !logits)
    throw new UserError(
      `the project has no preprocessing or logits of the model "${model.name}"; add it again on the Models page`,
    )
  return {
    name: model.name,
    input: preprocessing.data,
    logits,
    ...(probabilities !== null && {
      probabilities: stored(Sidecar.shape.probabilities, probabilities, `the probabilities of ${model.name}`),
    }),
    layers: Object.fromEntries(storedLayers(layers, model.name).map(({ name, tensor }) => [name, tensor])),
    ...stored(StoredSidecar, model.sidecar, `the description of ${model.name}`),
  }
}

/** Names and tensors of the layers of a model, as stored in a project. @throws UserError when they have another form */
export const storedLayers = (layers: unknown, model: string): z.output<typeof StoredLayers> =>
  stored(StoredLayers, layers, `the layers of ${model}`)

/** The stored labels; projects of early versions have none, and use those beside the same model. */
async function labelsIn({ labels, logits }: ClassifierRecord, file: string): Promise<readonly Label[] | undefined> {
  if (labels !== null) return parseLabels(labels)
  const sidecar = await readSidecar(file).catch(() => undefined)
  return sidecar?.logits === logits ? labelsBeside(file, sidecar) : undefined
}

/** @param labels as stored in a project @throws UserError when they have another form */
export const parseLabels = (labels: unknown): readonly Label[] =>
  stored(StoredLabels, labels, 'the classes of a model').map((label, index) => ({ index, ...label }))
