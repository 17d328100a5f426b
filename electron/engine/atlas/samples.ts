import type { AtlasParams } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import type { Progress } from '../../contract/progress.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { attributing, attributionOutput } from '../attribution/graph.ts'
import { decodedBatches } from '../images/batches.ts'
import type { StageWork } from '../jobs/context.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { type Photographs, photographsKey, type Source } from '../photographs/enter.ts'
import { noteUnreadable } from '../photographs/read.ts'
import { classifierKey } from '../registry/enter.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { COMPILING, collect, type SampleBatch } from '../sampling/collect.ts'
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
import { type RoundedBatch, samplesByWorkers } from '../units/samples.ts'
import type { Workers } from '../units/workers.ts'

export interface SampleOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  /** Who runs the network; this process by default. */
  readonly workers?: Workers | undefined
  readonly photographs: Photographs
  readonly layers: readonly Layer[]
  readonly params: Pick<AtlasParams, 'seed' | 'positionsPerImage' | 'border' | 'attribution'>
}

/** The samples of an order, and the photographs left out because they could not be read this time. */
interface DrawnSamples {
  readonly set: SampleSet
  readonly missed: readonly { readonly file: string; readonly reason: string }[]
}

/** The set of samples of an order, if the project has it complete at all layers of the order. */
export function existingSamples(db: Writable, order: SampleOrder): DrawnSamples | undefined {
  const set = findSamples(db, order)
  if (set === undefined || set.finished === null || leftOut(db, set, order).length > 0) return undefined
  return missingLayers(db, set, order).length === 0 ? { set, missed: [] } : undefined
}

/**
 * Draws the samples of an order, with activations and attributions at its layers, and commits them batch by batch.
 * Interrupted, it continues after the last batch. New layers are collected at the same positions. Photographs that cannot
 * be read are left out; the set is then stored as that of the others, so that the next run draws all of them.
 * @throws UserError when none can be read, or a layer cannot be added because photographs are missing
 */
export async function drawSamples(db: Writable, order: SampleOrder, work: StageWork): Promise<DrawnSamples> {
  const { classifier, photographs, params } = order
  const set = openSet(db, order)
  const layers = missingLayers(db, set, order)
  const matrices = layers.map(layer => matricesOf(db, set, layer, order))
  // A new layer starts at the first sample, while others continue where they were interrupted.
  const start = Math.min(
    ...matrices.flatMap(({ activation, attribution = activation }) => [activation.n, attribution.n]),
  )
  const sources = remaining(db, set, photographs.sources, start)
  const before = photographs.sources.length - sources.length
  // Attributions to other logits read stored activations again, which stay.
  if (matrices.some(({ activation }) => activation.n > 0)) work.continues()
  const missed = new Map<number, { readonly file: string; readonly reason: string }>()
  let count = start
  const collected = {
    classifier,
    sources,
    positionsPerImage: params.positionsPerImage,
    border: params.border,
    seed: params.seed,
    layers,
    signal: work.signal,
    report: (progress: Progress): void => {
      const own = { stage: 'samples', done: before + progress.done, total: photographs.sources.length }
      work.report(progress.stage === COMPILING ? progress : { ...progress, ...own })
    },
  }
  const { attribution } = params
  const batches: AsyncIterable<SampleBatch<Source> | RoundedBatch<Source>> =
    order.workers === undefined
      ? collect({ ...collected, runtime: order.runtime, extend: attributing(classifier, layers, attribution) })
      : samplesByWorkers(order.workers, { ...collected, attribution })
  for await (const batch of batches) {
    for (const { source, error } of batch.unreadable)
      if (error.hash === undefined) missed.set(source.image, { file: source.file, reason: error.reason })
    count = db.write(() => commit(db, set, count, batch, matrices))
  }
  if (count < set.n) throw missingPhotograph(db, set, missed.values().next().value)
  if (missed.size > 0) return keepOthers(db, set, order, work, missed)
  if (set.finished === null) finishSampleSet(db, set.id, Date.now())
  return { set: findSampleSet(db, set.key)!, missed: [] }
}

/** Finds the set of an order that can be continued, or creates it. */
function openSet(db: Writable, order: SampleOrder): SampleSet {
  const { classifier, photographs, params } = order
  const key = setKey(order)
  const before = findSamples(db, order)
  if (before !== undefined && leftOut(db, before, order).length === 0) return before
  return db.write(() => {
    if (before?.finished === null) removeSampleSet(db, before.id)
    else if (before !== undefined) {
      // Results of fewer photographs stay, with the key of those photographs.
      const sampled = imagesOfSet(db, before.id)
      const fewer = only(order, image => sampled.has(image))
      const fewerKey = setKey(fewer)
      const taken = findSampleSet(db, fewerKey) !== undefined
      rekeySampleSet(
        db,
        before.id,
        taken ? contentKey({ superseded: key, set: before.id }) : fewerKey,
        fewer.photographs.key,
      )
    }
    const { seed, positionsPerImage: perImage } = params
    const input = JSON.stringify(classifier.preprocessing)
    return addSampleSet(db, { key, model: classifier.hash, input, seed, perImage, images: photographs.key }, [])
  })
}

/** Some photographs could not be read: the set becomes that of the others. */
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
      `none of the ${list.length} photographs can be read any more (${list[0]!.file}: ${list[0]!.reason}); restore their folder and run the same command again`,
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
function only(order: SampleOrder, accepts: (image: number) => boolean): SampleOrder {
  const sources = order.photographs.sources.filter(({ image }) => accepts(image))
  return { ...order, photographs: { ...order.photographs, sources, key: photographsKey(sources) } }
}

/**
 * Sources that the set should have samples of by now, and has not: they could not be read. Damaged pictures have no
 * samples and are not included.
 */
function leftOut(db: Writable, set: SampleSet, { photographs: { sources } }: SampleOrder): readonly Source[] {
  const sampled = imagesOfSet(db, set.id)
  const reached = set.finished === null ? sources.findLastIndex(({ image }) => sampled.has(image)) + 1 : sources.length
  return sources.slice(0, reached).filter(({ image }) => !sampled.has(image) && findImage(db, image)?.status === 'ok')
}

/**
 * Decodes the photographs without samples and marks damaged ones, so that only those that could not be reached count as
 * left out.
 */
export async function retryLeftOut(db: Writable, order: SampleOrder, signal: AbortSignal): Promise<void> {
  const set = findSamples(db, order)
  if (set === undefined) return
  const { size, resize } = order.classifier.preprocessing
  for await (const { unreadable } of decodedBatches(leftOut(db, set, order), { size, resize, batch: 1, signal }))
    for (const { error } of unreadable) noteUnreadable(db, error)
}

/** A new layer needs a photograph that cannot be read any more. */
const missingPhotograph = (
  db: Writable,
  set: SampleSet,
  missed: { file: string; reason: string } | undefined,
): UserError =>
  new UserError(
    `cannot add layers to the ${set.n} samples of ${db.file}: ${missed ? `${missed.file}: ${missed.reason}` : 'their photographs have changed'}; restore them and run the same command again`,
  )

/** The matrices of one layer that are being filled, with as many rows as they had at the start. */
interface LayerMatrices {
  readonly layer: Layer
  readonly activation: Matrix
  /** Undefined where the closed form applies: attributions are then computed on demand. */
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

/** Stores one batch in one transaction. @returns samples stored now */
function commit(
  db: Writable,
  set: SampleSet,
  start: number,
  batch: SampleBatch<Source> | RoundedBatch<Source>,
  matrices: readonly LayerMatrices[],
): number {
  for (const { error } of batch.unreadable) noteUnreadable(db, error)
  // The network did not run for a batch without a readable photograph.
  if (batch.images.length === 0) return start
  const perImage = batch.positions.length / batch.images.length
  const samples = batch.positions.map((position, s) => {
    const { source, width, height, box } = batch.images[Math.floor(s / perImage)]!
    // Positions are relative to the input of the network; the project stores them relative to the photograph.
    return {
      image: source.image,
      v: (box.top + position.v * box.height) / height,
      u: (box.left + position.u * box.width) / width,
    }
  })
  const end = start + samples.length
  // Rows of a new layer must be of the stored samples.
  const stored = readSamples(db, set.id, start, Math.min(end, set.n))
  if (start < set.n && (end > set.n || stored.some(({ image }, s) => image !== samples[s]!.image))) {
    const first = batch.unreadable.find(({ error }) => error.hash === undefined)
    throw missingPhotograph(db, set, first && { file: first.source.file, reason: first.error.reason })
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
  // The positions of samples depend on the coarsest of all named layers only.
  const { height, width } = coarsest(classifier.layers)
  return contentKey({
    samples: 2,
    network: classifier.hash,
    input: { ...classifier.preprocessing },
    coarsest: [height, width],
    photographs: photographs.key,
    seed: params.seed,
    positionsPerImage: params.positionsPerImage,
    ...(params.border === 'include' && { border: params.border }),
  })
}

/** The set of an order; a set of an earlier version keeps its key, which includes all named layers. */
function findSamples(db: Writable, order: SampleOrder): SampleSet | undefined {
  // Earlier versions never drew positions on the edge.
  const earlier = order.params.border === 'include' ? undefined : findSampleSet(db, earlierKey(order))
  const set = findSampleSet(db, setKey(order)) ?? earlier
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
 * Layers whose attributions an earlier version has stored without the logits: they are computed again. Where the closed
 * form applies none are stored.
 */
export function layersToRepeat(db: Writable, order: SampleOrder): Layer[] {
  const set = findSamples(db, order)
  const key = classifierKey(order.classifier)
  const { attribution } = order.params
  return set === undefined
    ? []
    : order.layers.filter(({ tensor }) => findAttributions(db, set.id, tensor, attribution, key)?.assumed === 1)
}

/** Layers at which the set is not complete. */
function missingLayers(db: Writable, set: SampleSet, { classifier, layers, params }: SampleOrder): Layer[] {
  const key = classifierKey(classifier)
  return layers.filter(layer => {
    const complete = (kind: Matrix['kind']): boolean => {
      const classifier = kind === 'activation' ? '' : key
      const matrix = findMatrix(db, set.id, layer.tensor, kind, classifier)
      return set.finished !== null && matrix?.n === set.n && matrix.assumed === 0
    }
    return !complete('activation') || !(closedForm(classifier, layer) || complete(params.attribution))
  })
}

/** The sources after that of the last committed sample. */
function remaining(db: Writable, set: SampleSet, sources: readonly Source[], samples: number): readonly Source[] {
  if (samples === 0) return sources
  const [last] = readSamples(db, set.id, samples - 1, samples)
  return sources.slice(sources.findIndex(source => source.image === last?.image) + 1)
}
