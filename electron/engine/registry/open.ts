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
import { canonical } from '../store/keys.ts'
import { findModel, type ModelRecord, moveModel } from '../store/models.ts'
import { placeOf } from '../store/places.ts'
import { type SampleSet, sampleSet } from '../store/samples.ts'
import type { Readable, Writable } from '../store/sql.ts'

/** What a project keeps of the names of a model's classes. */
export const KeptLabels = z.array(z.object({ synset: z.string(), name: z.string(), synonyms: z.array(z.string()) }))
const KeptLayers = z.array(z.object({ name: z.string(), tensor: z.string() }))
const KeptSidecar = z.object({ license: z.string().default('unknown'), source: z.string().default('unknown') })

/**
 * Opens a classifier of a project: the network from its file, which must be the same to the byte, and everything else as
 * the project describes it. A sidecar that lies beside the file now may say something else; it counts when the model is
 * entered again.
 * @param key of the classifier
 * @throws UserError when the file has gone or holds another network: it says where it was looked for, and the way out
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
  throw new UserError(`${db.file} has no model ${key.slice(0, 12)}; add it on the Models page, or build with it`)
}

/** Where a project looks for a model: at its absolute path, then at the same place relative to the project. */
export function placesOfModel(db: Readable, { file, beside }: ModelRecord): readonly string[] {
  const folder = dirname(resolve(db.file))
  // A path that an earlier version kept as it was typed says nothing of the folder that it was typed in.
  const relative = beside ?? (isAbsolute(file) ? null : file)
  return [...new Set([...(isAbsolute(file) ? [file] : []), ...(relative === null ? [] : [resolve(folder, relative)])])]
}

/** @throws UserError when the network is at none of its places */
export async function requireNetwork(db: Readable, model: ModelRecord): Promise<NetworkFiles> {
  const places = placesOfModel(db, model)
  const there = places.filter(place => existsSync(place))
  if (there.length === 0) throw missing(model, places)
  const found: NetworkFiles[] = []
  for (const place of there) {
    const network = await networkIn(place)
    if (network.hash === model.hash) return network
    found.push(network)
  }
  throw changed(db, model, found[0]!)
}

/** Another network lies where the project's was. */
export class NetworkChanged extends UserError {}

const missing = ({ name }: ModelRecord, [first, second]: readonly string[]): UserError =>
  new UserError(
    `the model "${name}" is not at ${first}${second === undefined ? '' : `, nor at ${second}`}; say where it is now with --model, or add it on the Models page`,
  )

function changed(db: Readable, { name, hash }: ModelRecord, { file, graphHash, data }: NetworkFiles): UserError {
  const way = 'put the original back or name it with --model, or build again to use this one'
  // Earlier versions knew a model by its .onnx file alone.
  if (graphHash === hash)
    return new NetworkChanged(
      `cannot tell whether ${file} is still the model "${name}" that ${db.file} was made with: an earlier version did not record its weights, which lie in ${data.join(', ')}; build again`,
    )
  return new NetworkChanged(
    `${file} is another model now than the one "${name}" that ${db.file} was made with: its graph or its weights have changed; ${way}`,
  )
}

/** The classifier that is meant by what calls and plans name a model by: a network as it is described now, or a classifier. */
export const classifierNamed = (db: Readable, model: string): string => findModel(db, model)?.classifier || model

/**
 * The classifier that goes with samples: the model as it is described now, or, where its preprocessing was corrected
 * since they were drawn, the one that they were drawn for.
 * @throws UserError when the project knows no classifier with the preprocessing of the samples
 */
export function classifierOfSet(db: Readable, { model: hash, input }: SampleSet): string {
  const present = findModel(db, hash)!.classifier
  if (input === null) return present
  const its = canonical(z.json().parse(JSON.parse(input)))
  const fits = (record: ClassifierRecord | undefined): boolean =>
    record !== undefined && canonical(z.json().parse(record.input)) === its
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
 * Takes a file as the place where a model of the project lies now.
 * @param hash of the model that is meant; any model of the project by default
 * @throws UserError when the file holds another network
 */
export async function modelFoundAt(db: Writable, file: string, hash?: string): Promise<void> {
  const network = await networkIn(file)
  const model = findModel(db, network.hash)
  const wanted = hash === undefined ? undefined : findModel(db, hash)
  if (model === undefined || (hash !== undefined && network.hash !== hash)) {
    if (wanted?.hash === network.graphHash) throw changed(db, wanted, network)
    throw new UserError(
      wanted === undefined
        ? `${file} is none of the models of ${db.file}; portolan project info ${db.file} lists them`
        : `${file} is not the model "${wanted.name}" that these samples were drawn with (${wanted.hash.slice(0, 12)}…, this is ${network.hash.slice(0, 12)}…); name that one with --model`,
    )
  }
  const { path, beside } = placeOf(db.file, network.file)
  moveModel(db, model.hash, { file: path, beside })
}

function sidecarOf({ input, logits, probabilities, layers }: ClassifierRecord, model: ModelRecord): Sidecar {
  const preprocessing = Input.safeParse(input)
  if (!preprocessing.success || !logits)
    throw new UserError(
      `the project does not say how the model "${model.name}" takes an image, or where its logits are; add it again on the Models page`,
    )
  return {
    name: model.name,
    input: preprocessing.data,
    logits,
    ...(probabilities !== null && { probabilities: Sidecar.shape.probabilities.parse(probabilities) }),
    layers: Object.fromEntries(KeptLayers.parse(layers).map(({ name, tensor }) => [name, tensor])),
    ...KeptSidecar.parse(model.sidecar),
  }
}

/** Class names as the project has them; projects of early versions have none, and take those beside the same model. */
async function labelsIn({ labels, logits }: ClassifierRecord, file: string): Promise<readonly Label[] | undefined> {
  if (labels !== null) return keptLabels(labels)
  const sidecar = await readSidecar(file).catch(() => undefined)
  return sidecar?.logits === logits ? labelsBeside(file, sidecar) : undefined
}

/** @param labels as a project keeps them */
export const keptLabels = (labels: unknown): readonly Label[] =>
  KeptLabels.parse(labels).map((label, index) => ({ index, ...label }))
