import type { AtlasParams } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { attributing, attributionOutput } from '../attribution/graph.ts'
import { decodedBatches } from '../images/batches.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { type Photographs, photographsKey, type Source } from '../photographs/enter.ts'
import { noteUnreadable } from '../photographs/read.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { collect, type SampleBatch } from '../sampling/collect.ts'
import { coarsest } from '../sampling/positions.ts'
import { addDense, appendDense, findActivations } from '../store/activations.ts'
import { addAttributions, appendAttributions, findAttributions } from '../store/attributions.ts'
import { contentKey } from '../store/keys.ts'
import { findMatrix, type Matrix, removeMatrix } from '../store/matrices.ts'
import { findImage } from '../store/photographs.ts'
import {
  addSampleSet,
  appendSamples,
  findSampleSet,
  finishSampleSet,
  imagesOfSet,
  readSamples,
  recordInput,
  rekeySampleSet,
  removeSampleSet,
  type SampleSet,
} from '../store/samples.ts'
import type { Writable } from '../store/sql.ts'

export interface SampleOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly photographs: Photographs
  readonly layers: readonly Layer[]
  readonly params: Pick<AtlasParams, 'seed' | 'positionsPerImage' | 'attribution'>
}

/** Samples of an order, and the photographs that are not in them because they could not be reached this time. */
interface DrawnSamples {
  readonly set: SampleSet
  readonly missed: readonly { readonly file: string; readonly reason: string }[]
}

/** The set of samples that an order asks for, when the project has it whole at all the layers of the order. */
export function existingSamples(db: Writable, order: SampleOrder): DrawnSamples | undefined {
  const set = knownSamples(db, order)
  if (set === undefined || set.finished === null || leftOut(db, set, order).length > 0) return undefined
  return missingLayers(db, set, order).length === 0 ? { set, missed: [] } : undefined
}

/**
 * Draws the samples of an order, with activations and attributions at its layers, and commits them batch by batch.
 * Interrupted, it continues after the last batch. Layers that were not asked for before are collected at the same
 * positions. Photographs that cannot be reached are left out; the set is then kept as that of the others, so that the
 * next run draws all of them.
 * @throws UserError when none can be read, or a layer cannot be added because photographs have gone since
 */
export async function drawSamples(db: Writable, order: SampleOrder, work: StageWork): Promise<DrawnSamples> {
  const { classifier, photographs, params } = order
  const set = openSet(db, order)
  const layers = missingLayers(db, set, order)
  const matrices = layers.map(layer => matricesOf(db, set, layer, order))
  // A layer that was added later begins at the first sample, beside others that go on where they were interrupted.
  const start = Math.min(
    ...matrices.flatMap(({ activation, attribution = activation }) => [activation.n, attribution.n]),
  )
  const sources = remaining(db, set, photographs.sources, start)
  const before = photographs.sources.length - sources.length
  // Activations that are there already are read again for attributions to other logits, and kept.
  if (matrices.some(({ activation }) => activation.n > 0)) work.continues()
  const pool = params.attribution
  const graph = attributing(classifier, layers, pool)
  const missed = new Map<number, { readonly file: string; readonly reason: string }>()
  let count = start
  for await (const batch of collect({
    classifier,
    runtime: order.runtime,
    sources,
    positionsPerImage: params.positionsPerImage,
    seed: params.seed,
    layers,
    extend: graph,
    signal: work.signal,
    report: progress => {
      const total = photographs.sources.length
      work.report({ ...progress, stage: 'samples', done: before + progress.done, total })
    },
  })) {
    for (const { source, error } of batch.unreadable)
      if (error.hash === undefined) missed.set(source.image, { file: source.file, reason: error.reason })
    count = db.write(() => commit(db, set, count, batch, matrices))
  }
  if (count < set.n) throw gone(db, set, missed.values().next().value)
  if (missed.size > 0) return keepOthers(db, set, order, work, missed)
  if (set.finished === null) finishSampleSet(db, set.id, Date.now())
  return { set: findSampleSet(db, set.key)!, missed: [] }
}

/** The set of an order, begun where there is none that can be continued. */
function openSet(db: Writable, order: SampleOrder): SampleSet {
  const { classifier, photographs, params } = order
  const key = setKey(order)
  const known = knownSamples(db, order)
  if (known !== undefined && leftOut(db, known, order).length === 0) return known
  return db.write(() => {
    if (known?.finished === null) removeSampleSet(db, known.id)
    else if (known !== undefined) {
      // What was made of fewer photographs stays, under the name of what it is.
      const sampled = imagesOfSet(db, known.id)
      const fewer = only(order, image => sampled.has(image))
      const own = setKey(fewer)
      const taken = findSampleSet(db, own) !== undefined
      rekeySampleSet(db, known.id, taken ? contentKey({ superseded: key, set: known.id }) : own, fewer.photographs.key)
    }
    const { seed, positionsPerImage: perImage } = params
    const input = JSON.stringify(classifier.preprocessing)
    return addSampleSet(db, { key, model: classifier.hash, input, seed, perImage, images: photographs.key }, [])
  })
}

/** Some photographs could not be reached: the set becomes that of the others. */
async function keepOthers(
  db: Writable,
  set: SampleSet,
  order: SampleOrder,
  work: StageWork,
  missed: ReadonlyMap<number, { readonly file: string; readonly reason: string }>,
): Promise<DrawnSamples> {
  const list = [...missed.values()]
  const others = only(order, image => !missed.has(image))
  const key = setKey(others)
  const same = findSampleSet(db, key)
  if (findSampleSet(db, set.key)!.n === 0) {
    removeSampleSet(db, set.id)
    throw new UserError(
      `none of the ${list.length} photographs can be read any more (${list[0]!.file}: ${list[0]!.reason}); see that their folder is there and run the same command again`,
    )
  }
  if (same?.finished != null) {
    removeSampleSet(db, set.id)
    const drawn = existingSamples(db, others) ?? (await drawSamples(db, others, work))
    return { set: drawn.set, missed: [...list, ...drawn.missed] }
  }
  db.write(() => {
    if (same !== undefined) removeSampleSet(db, same.id)
    rekeySampleSet(db, set.id, key, others.photographs.key)
    finishSampleSet(db, set.id, Date.now())
  })
  return { set: findSampleSet(db, key)!, missed: list }
}

/** The same order for some of its photographs. */
function only(order: SampleOrder, wanted: (image: number) => boolean): SampleOrder {
  const sources = order.photographs.sources.filter(({ image }) => wanted(image))
  return { ...order, photographs: { ...order.photographs, sources, key: photographsKey(sources) } }
}

/**
 * Sources that a set should hold samples of, as far as it has come, and does not: they could not be reached when their
 * turn came. Damaged pictures have none by right.
 */
function leftOut(db: Writable, set: SampleSet, { photographs: { sources } }: SampleOrder): readonly Source[] {
  const sampled = imagesOfSet(db, set.id)
  const reached = set.finished === null ? sources.findLastIndex(({ image }) => sampled.has(image)) + 1 : sources.length
  return sources.slice(0, reached).filter(({ image }) => !sampled.has(image) && findImage(db, image)?.status === 'ok')
}

/**
 * Decodes what a set has no samples of: pictures that turn out to be damaged are remembered, so that only what could
 * not be reached before counts as left out.
 */
export async function retryLeftOut(db: Writable, order: SampleOrder, signal: AbortSignal): Promise<void> {
  const set = knownSamples(db, order)
  if (set === undefined) return
  const { size, resize } = order.classifier.preprocessing
  for await (const { unreadable } of decodedBatches(leftOut(db, set, order), { size, resize, batch: 1, signal }))
    for (const { error } of unreadable) noteUnreadable(db, error)
}

/** A layer is added to samples that exist, and one of their photographs cannot be read any more. */
const gone = (db: Writable, set: SampleSet, missed: { file: string; reason: string } | undefined): UserError =>
  new UserError(
    `cannot add layers to the ${set.n} samples of ${db.file}: ${missed ? `${missed.file}: ${missed.reason}` : 'their photographs are others now'}; restore it and run the same command again`,
  )

/** The matrices of one layer that are being filled, with as many rows as they had at the start. */
interface LayerMatrices {
  readonly layer: Layer
  readonly activation: Matrix
  /** Undefined where the closed form holds: then attributions are computed when they are needed. */
  readonly attribution: Matrix | undefined
}

function matricesOf(db: Writable, set: SampleSet, layer: Layer, { classifier, params }: SampleOrder): LayerMatrices {
  const shape = { set: set.id, tensor: layer.tensor, layer: layer.name }
  const activation =
    findActivations(db, set.id, layer.tensor) ??
    addDense(db, { ...shape, kind: 'activation', classifier: '', width: layer.channels })
  if (closedForm(classifier, layer)) return { layer, activation, attribution: undefined }
  const key = classifierKey(classifier)
  const earlier = findAttributions(db, set.id, layer.tensor, params.attribution, key)
  if (earlier?.assumed === 1) removeMatrix(db, earlier.id)
  const attribution =
    findAttributions(db, set.id, layer.tensor, params.attribution, key) ??
    addAttributions(db, { ...shape, kind: params.attribution, classifier: key, classes: classifier.labels.length })
  return { layer, activation, attribution }
}

/** Stores one batch, all of it or nothing. @returns samples that are there now */
function commit(
  db: Writable,
  set: SampleSet,
  start: number,
  batch: SampleBatch<Source>,
  matrices: readonly LayerMatrices[],
): number {
  for (const { error } of batch.unreadable) noteUnreadable(db, error)
  // No network was run for a batch without a readable photograph.
  if (batch.images.length === 0) return start
  const perImage = batch.positions.length / batch.images.length
  const samples = batch.positions.map((position, s) => {
    const { source, width, height, box } = batch.images[Math.floor(s / perImage)]!
    // Positions are relative to what the network saw; the project keeps them relative to the whole photograph.
    return {
      image: source.image,
      v: (box.top + position.v * box.height) / height,
      u: (box.left + position.u * box.width) / width,
    }
  })
  const end = start + samples.length
  // Rows of a layer that is added later must be of the samples that are there.
  const known = readSamples(db, set.id, start, Math.min(end, set.n))
  if (start < set.n && (end > set.n || known.some(({ image }, s) => image !== samples[s]!.image))) {
    const first = batch.unreadable.find(({ error }) => error.hash === undefined)
    throw gone(db, set, first && { file: first.source.file, reason: first.error.reason })
  }
  if (start >= set.n && set.finished === null) appendSamples(db, set.id, start, samples, new Map())
  for (const { layer, activation, attribution } of matrices) {
    if (start >= activation.n) appendDense(db, activation, start, batch.activations.get(layer.name)!)
    if (attribution && start >= attribution.n)
      appendAttributions(db, attribution, start, batch.extra.get(attributionOutput(layer))!)
  }
  return end
}

const setKey = ({ classifier, photographs, params }: SampleOrder): string => {
  // Where samples lie depends on the coarsest of all named layers, and on nothing else of them.
  const { height, width } = coarsest(classifier.layers)
  return contentKey({
    samples: 2,
    network: classifier.hash,
    input: { ...classifier.preprocessing },
    coarsest: [height, width],
    photographs: photographs.key,
    seed: params.seed,
    positionsPerImage: params.positionsPerImage,
  })
}

/** The set of an order; one of an earlier version goes on under its own key, which has all named layers in it. */
function knownSamples(db: Writable, order: SampleOrder): SampleSet | undefined {
  const set = findSampleSet(db, setKey(order)) ?? findSampleSet(db, earlierKey(order))
  if (set !== undefined && set.input === null) recordInput(db, set.id, JSON.stringify(order.classifier.preprocessing))
  return set
}

const earlierKey = ({ classifier, photographs, params }: SampleOrder): string =>
  contentKey({
    samples: 1,
    model: classifier.hash,
    preprocessing: JSON.stringify(classifier.preprocessing),
    layers: classifier.layers.map(layer => layer.tensor),
    photographs: photographs.key,
    seed: params.seed,
    positionsPerImage: params.positionsPerImage,
  })

/**
 * Layers whose attributions an earlier version has stored without saying to which logits: they are computed again. Where
 * the closed form holds nothing is stored.
 */
export function layersToRepeat(db: Writable, order: SampleOrder): Layer[] {
  const set = knownSamples(db, order)
  const key = classifierKey(order.classifier)
  const { attribution } = order.params
  return set === undefined
    ? []
    : order.layers.filter(({ tensor }) => findAttributions(db, set.id, tensor, attribution, key)?.assumed === 1)
}

/** Layers at which something of the set is still missing. */
function missingLayers(db: Writable, set: SampleSet, { classifier, layers, params }: SampleOrder): Layer[] {
  const key = classifierKey(classifier)
  return layers.filter(layer => {
    const known = (kind: Matrix['kind']): boolean => {
      const own = kind === 'activation' ? '' : key
      const matrix = findMatrix(db, set.id, layer.tensor, kind, own)
      return set.finished !== null && matrix?.n === set.n && matrix.assumed === 0
    }
    return !known('activation') || !(closedForm(classifier, layer) || known(params.attribution))
  })
}

/** The sources behind the one that the last committed sample came from. */
function remaining(db: Writable, set: SampleSet, sources: readonly Source[], samples: number): readonly Source[] {
  if (samples === 0) return sources
  const [last] = readSamples(db, set.id, samples - 1, samples)
  return sources.slice(sources.findIndex(source => source.image === last?.image) + 1)
}
