import type { AtlasParams } from '../../../contract/build.ts'
import { closedForm } from '../../attribution/closed-form.ts'
import { attributing, attributionOutput } from '../../attribution/graph.ts'
import type { Classifier, Layer } from '../../model/classifier.ts'
import type { Runtime } from '../../runtime/runtime.ts'
import { collect, type SampleBatch } from '../../sampling/collect.ts'
import { coarsest } from '../../sampling/positions.ts'
import { addDense, appendDense } from '../../store/activations.ts'
import { addAttributions, appendAttributions, findAttributions } from '../../store/attributions.ts'
import { contentKey } from '../../store/keys.ts'
import { findMatrix, type Matrix, removeMatrix } from '../../store/matrices.ts'
import { markUnreadable } from '../../store/photographs.ts'
import {
  addSampleSet,
  appendSamples,
  findSampleSet,
  finishSampleSet,
  readSamples,
  recordInput,
  type SampleSet,
} from '../../store/samples.ts'
import type { Writable } from '../../store/sql.ts'
import type { StageWork } from '../context.ts'
import { classifierKey } from '../models/enter.ts'
import type { Photographs, Source } from './photographs.ts'

export interface SampleOrder {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly photographs: Photographs
  readonly layers: readonly Layer[]
  readonly params: Pick<AtlasParams, 'seed' | 'positionsPerImage' | 'attribution'>
}

/** The set of samples that an order asks for, when the project has it whole at all the layers of the order. */
export function existingSamples(db: Writable, order: SampleOrder): SampleSet | undefined {
  const set = knownSamples(db, order)
  if (set === undefined || set.finished === null) return undefined
  return missingLayers(db, set, order).length === 0 ? set : undefined
}

/**
 * Draws the samples of an order, with activations and attributions at its layers, and commits them batch by batch.
 * Interrupted, it goes on behind the last batch. Layers that were not asked for before are collected at the same
 * positions.
 */
export async function drawSamples(db: Writable, order: SampleOrder, work: StageWork): Promise<SampleSet> {
  const { classifier, photographs, params } = order
  const set =
    knownSamples(db, order) ??
    addSampleSet(
      db,
      {
        key: setKey(order),
        model: classifier.hash,
        input: JSON.stringify(classifier.preprocessing),
        seed: params.seed,
        perImage: params.positionsPerImage,
        images: photographs.key,
      },
      [],
    )
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
  }))
    count = db.write(() => commit(db, set, count, batch, matrices))
  if (set.finished === null) finishSampleSet(db, set.id, Date.now())
  return findSampleSet(db, set.key)!
}

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
    findMatrix(db, set.id, layer.tensor, 'activation') ??
    addDense(db, { ...shape, kind: 'activation', width: layer.channels })
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
  for (const { source, error } of batch.unreadable) markUnreadable(db, source.image, error.reason)
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
