import { UserError } from '../../contract/errors.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { classifierKey, enterModel } from '../registry/enter.ts'
import { addAttributions, appendStrongest } from '../store/attributions.ts'
import { asFloat32, asFloat64, asUint16, asUint32 } from '../store/bytes.ts'
import { MAX_FLOAT16 } from '../store/float16.ts'
import { canonical, contentKey } from '../store/keys.ts'
import { findMatrix, type Matrix, type MatrixKind } from '../store/matrices.ts'
import { findImage, listImages, type Photograph, putPhotographs } from '../store/photographs.ts'
import {
  addSampleSet,
  appendSamples,
  findSampleSet,
  finishSampleSet,
  readSamples,
  type Sample,
  type SampleSet,
} from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'
import { decodeStrongest, flawOfStrongest } from '../store/strongest.ts'
import type { LayerContents } from './contents.ts'
import { openSamplesFile, type SamplesFile, sectionOf } from './file.ts'
import { enterLayout, layoutsOf } from './layouts.ts'
import { blocks, transposed } from './order.ts'
import { enterPlace, findSampled, type Place, photographsOf } from './photographs.ts'
import { type Quantisation, restore } from './quantise.ts'

/** The key of the set of samples of an imported file. */
const setKey = (hash: string): string => contentKey({ imported: 1, file: hash })

/** The complete set that was imported from a file with that content. */
export function importedSamples(db: Writable, { hash }: SamplesFile): SampleSet | undefined {
  const set = findSampleSet(db, setKey(hash))
  return set?.finished == null ? undefined : set
}

/**
 * Opens a samples file for a network.
 * @throws UserError when the file is damaged, or its samples are of another network or preprocessing
 */
export async function openSamplesOf(file: string, classifier: Classifier): Promise<SamplesFile> {
  const samples = await openSamplesFile(file)
  try {
    checkModel(samples, classifier)
    return samples
  } catch (error) {
    await samples.close()
    throw error
  }
}

/**
 * Imports the samples of a file into a project, block by block. Interrupted, it continues after the last block. Without
 * a folder their photographs have no path: they are stored by name if the file has names, else by number only.
 * @param folder of the photographs that the file names; each must have the bytes of the sampled file
 * @throws UserError when the file is damaged, or the photographs in the folder are not those of the samples
 */
export async function importSamples(
  db: Writable,
  samples: SamplesFile,
  classifier: Classifier,
  { signal, report, continues }: StageWork,
  folder?: string,
): Promise<SampleSet> {
  const { contents } = samples
  const existing = findSampleSet(db, setKey(samples.hash))
  if (existing) continues()
  const ranges = await rangesOf(samples)
  const photographs = await photographsOf(samples)
  const place = folder === undefined ? undefined : await findSampled(samples, folder, signal)
  let done = existing?.n ?? 0
  let images: readonly number[] | undefined
  for (const { start, count } of blocks(contents.samples)) {
    if (start < done) continue
    report({ stage: 'import', done, total: contents.samples, unit: 'samples' })
    signal.throwIfAborted()
    const places = await placesOf(samples, start, count)
    const activations = new Map<string, Float32Array>()
    const attributions = new Map<string, ReturnType<typeof decodeStrongest>>()
    for (const range of ranges) {
      const { layer } = range
      activations.set(layer.tensor, await activationsOf(samples, range, start, count))
      if (layer.attribution) attributions.set(layer.tensor, await attributionsOf(samples, layer, start, count))
    }
    // The first block is stored with the set and its photographs, so that readers never see a set without samples.
    db.write(() => {
      images ??= existing ? idsOf(db, existing, photographs) : enter(db, samples, classifier, photographs, place)
      const set = findSampleSet(db, setKey(samples.hash))!
      const rows = places.map((place): Sample => ({ ...place, image: images![place.image]! }))
      appendSamples(db, set.id, start, rows, activations)
      for (const [tensor, strongest] of attributions)
        appendStrongest(db, matrixOf(db, set, tensor, contents.attribution!.kind, classifier), start, strongest)
    })
    done = start + count
  }
  report({ stage: 'import', done, total: contents.samples, unit: 'samples' })
  const set = findSampleSet(db, setKey(samples.hash))!
  const layouts = await layoutsOf(samples)
  db.write(() => {
    for (const layout of layouts) {
      const { tensor } = contents.layers.find(({ name }) => name === layout.contents.layer)!
      enterLayout(db, set, ownLayer(classifier, tensor)!, layout)
    }
    finishSampleSet(db, set.id, Date.now())
  })
  return findSampleSet(db, set.key)!
}

function checkModel({ file, contents }: SamplesFile, classifier: Classifier): void {
  const { model, layers, attribution } = contents
  const refuse = (why: string): never => {
    throw new UserError(`cannot use the samples ${JSON.stringify(file)} with "${classifier.name}": ${why}`)
  }
  if (model.hash !== classifier.hash)
    refuse(
      `they are of "${model.name}" (${model.hash.slice(0, 12)}…), this is "${classifier.name}" (${classifier.hash.slice(0, 12)}…); choose the model of the samples`,
    )
  if (canonical(model.preprocessing) !== canonical({ ...classifier.preprocessing }))
    refuse(`their preprocessing was ${canonical(model.preprocessing)}; set the "input" of the sidecar to it`)
  const wrong = layers.find(({ tensor, channels }) => ownLayer(classifier, tensor)?.channels !== channels)
  if (wrong)
    refuse(
      `the sidecar has no layer at "${wrong.tensor}" of ${wrong.channels} channels, which is their "${wrong.name}"; add that tensor to it`,
    )
  if (attribution && model.logits !== undefined && model.logits !== classifier.head)
    refuse(
      `their attributions are to the logits "${model.logits}", and those of the sidecar are "${classifier.head}"; set "logits" of the sidecar to "${model.logits}"`,
    )
  if (attribution && attribution.classes !== classifier.labels.length)
    refuse(
      `they have ${attribution.classes} classes, the network has ${classifier.labels.length}; choose the model of the samples`,
    )
}

/** The layer of a classifier with a tensor, whatever its name in the file. */
const ownLayer = ({ layers }: Classifier, tensor: string): Layer | undefined =>
  layers.find(layer => layer.tensor === tensor)

/** A new set with empty matrices. @returns ids of its photographs, by number */
function enter(
  db: Writable,
  samples: SamplesFile,
  classifier: Classifier,
  photographs: readonly Photograph[],
  place: Place | undefined,
): readonly number[] {
  const { hash, contents } = samples
  enterModel(db, classifier)
  const folder = enterPlace(db, samples, place)
  const { seed, perImage, layers, attribution } = contents
  const set = addSampleSet(
    db,
    {
      key: setKey(hash),
      model: classifier.hash,
      input: JSON.stringify(classifier.preprocessing),
      seed,
      perImage,
      images: contents.images,
    },
    layers.map(({ tensor, channels }) => ({ name: ownLayer(classifier, tensor)!.name, tensor, channels })),
  )
  for (const { tensor, attribution: its } of layers)
    if (its && attribution) {
      const { name } = ownLayer(classifier, tensor)!
      addAttributions(db, { set: set.id, tensor, layer: name, classifier: classifierKey(classifier), ...attribution })
    }
  return putPhotographs(db, folder, photographs)
}

/** The photographs of a partly imported set, by number. */
function idsOf(db: Writable, set: SampleSet, photographs: readonly Photograph[]): readonly number[] {
  const [first] = readSamples(db, set.id, 0, 1)
  const ids = new Map(listImages(db, findImage(db, first!.image)!.folder).map(image => [image.relative, image.id]))
  return photographs.map(({ relative }) => ids.get(relative)!)
}

function matrixOf(db: Writable, set: SampleSet, tensor: string, kind: MatrixKind, classifier: Classifier): Matrix {
  const matrix = findMatrix(db, set.id, tensor, kind, classifierKey(classifier))
  if (matrix) return matrix
  throw new UserError(
    `this import was started with other logits than "${classifier.head}" of ${classifier.name}; restore the sidecar that it was started with, or import into a new project`,
  )
}

/** 255 steps span at most the range of float16, with some room for the rounding of the first and the last. */
const MAX_STEP = (2 * MAX_FLOAT16) / 254

interface LayerRange {
  readonly layer: LayerContents
  readonly quantisation: Quantisation
}

async function rangesOf(samples: SamplesFile): Promise<readonly LayerRange[]> {
  const ranges: LayerRange[] = []
  for (const layer of samples.contents.layers) {
    const { channels, name } = layer
    const bytes = await samples.read(
      sectionOf(samples, { part: 'range', layer: name, start: 0, count: channels }),
      5 * channels,
    )
    const scale = asFloat32(bytes.subarray(0, 4 * channels))
    const wrong = scale.find(step => !(step >= 0 && step <= MAX_STEP))
    if (wrong !== undefined)
      throw new UserError(
        `cannot read the samples ${JSON.stringify(samples.file)}: a scale of ${name} is ${wrong}, and activations need 0 to ${Math.floor(MAX_STEP)}`,
      )
    ranges.push({ layer, quantisation: { scale, zero: bytes.subarray(4 * channels) } })
  }
  return ranges
}

/** Numbers of photographs and positions. */
async function placesOf(samples: SamplesFile, start: number, count: number): Promise<readonly Sample[]> {
  const bytes = await samples.read(sectionOf(samples, { part: 'samples', start, count }), 20 * count)
  const images = asUint32(bytes.subarray(0, 4 * count))
  const positions = asFloat64(bytes.subarray(4 * count))
  return Array.from(images, (image, s) => {
    const [v, u] = [positions[2 * s]!, positions[2 * s + 1]!]
    if (image < samples.contents.photographs && v >= 0 && v <= 1 && u >= 0 && u <= 1) return { image, v, u }
    throw new UserError(
      `cannot read the samples ${JSON.stringify(samples.file)}: sample ${start + s} is not inside a photograph (number ${image}, at ${v}, ${u})`,
    )
  })
}

/** @returns [count, channels] */
async function activationsOf(
  samples: SamplesFile,
  { layer: { name, channels }, quantisation }: LayerRange,
  start: number,
  count: number,
): Promise<Float32Array> {
  const place = { part: 'activations', layer: name, start, count } as const
  const bytes = await samples.read(sectionOf(samples, place), count * channels)
  return restore(transposed(bytes, count, new Uint8Array(bytes.length)), quantisation)
}

async function attributionsOf(samples: SamplesFile, layer: LayerContents, start: number, count: number) {
  const { kept, classes } = samples.contents.attribution!
  const place = { part: 'attributions', layer: layer.name, start, count } as const
  const bits = asUint16(await samples.read(sectionOf(samples, place), 8 * kept * count))
  const rows = decodeStrongest(transposed(bits, count, new Uint16Array(bits.length)), kept)
  const flaw = flawOfStrongest(rows, classes)
  if (flaw === undefined) return rows
  throw new UserError(
    `cannot read the samples ${JSON.stringify(samples.file)}: in attributions at ${layer.name} from sample ${start} on, ${flaw}`,
  )
}
