import type { Border } from '../../contract/build.ts'
import { UserError } from '../../contract/errors.ts'
import { type Report, silent } from '../../contract/progress.ts'
import { type BatchedImage, decodedBatches, type ImageBatch } from '../images/batches.ts'
import type { PhotographSource } from '../images/read.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { allFinite } from '../model/finite.ts'
import { inputSize } from '../model/sidecar.ts'
import { activationOutput, type Extension, unitFeeds, unitGraph } from '../model/units.ts'
import { elements, type Tensor } from '../onnx/tensor.ts'
import type { Program, Runtime } from '../runtime/runtime.ts'
import { coarsest, type Position, positionsIn, unitAt } from './positions.ts'

/** What samples are collected by, whichever photographs they are of. */
export interface CollectorOptions {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly positionsPerImage: number
  /** Whether positions are drawn on the edge of the frame too; not by default. */
  readonly border?: Border | undefined
  readonly seed: number
  /** Layers to collect; by default all named ones. Positions do not depend on them. */
  readonly layers?: readonly Layer[]
  /** Images of one forward pass. */
  readonly batch?: number
  /** Additional outputs to compute in the same pass, such as attributions. */
  readonly extend?: Extension
}

export interface CollectOptions<T> extends CollectorOptions {
  /** Photographs, in the order of the samples. */
  readonly sources: readonly T[]
  readonly signal?: AbortSignal | undefined
  readonly report?: Report
}

/** A network that is compiled for samples, of any number of photographs. */
export interface Collector {
  /**
   * One forward pass per batch; the last one is padded.
   * @throws the abort reason of the signal; a file that is not a photograph is reported in its batch
   */
  batches<T extends PhotographSource>(
    sources: readonly T[],
    signal?: AbortSignal,
  ): AsyncGenerator<SampleBatch<T>, void, void>
  release(): Promise<void>
}

/** The result of one forward pass. Sample s belongs to image ⌊s / positionsPerImage⌋ of the batch. */
export interface SampleBatch<T> {
  /** Number of sources processed, this batch included: the index to resume from. */
  readonly done: number
  /** Positions are relative to the `box` of the original that the network gets. */
  readonly images: readonly BatchedImage<T>[]
  readonly unreadable: ImageBatch<T>['unreadable']
  readonly positions: readonly Position[]
  /** By layer name, [samples, channels]. */
  readonly activations: ReadonlyMap<string, Float32Array>
  /** Other outputs of the extended graph, by name, [samples, …]. */
  readonly extra: ReadonlyMap<string, Float32Array>
}

/**
 * Large enough to fill the machine, small enough that a pass with its attributions fits into a gigabyte, and cancelling
 * is quick.
 */
const BATCH = 8

/** The stage before the first photograph: it takes seconds for a large network, and minutes on some devices. */
export const COMPILING = 'compiling the network'

/**
 * Draws positions in photographs and collects their activations in all layers, one forward pass per batch.
 * While the network runs on a batch, the next one is decoded and the caller stores the previous one.
 * Every pass has the same shape, the last one padded, so that equal photographs give equal bytes. To resume after an
 * interruption, pass the sources from `done` on: the batches are the same.
 * @throws the abort reason of the signal; a file that is not a photograph is reported in its batch
 */
export async function* collect<T extends PhotographSource>(
  options: CollectOptions<T>,
): AsyncGenerator<SampleBatch<T>, void, void> {
  const { sources, signal, report = silent } = options
  const positionsOf = positionsBy(options)
  // Throws now if there are not enough positions.
  positionsOf('')
  report({ stage: COMPILING, done: 0, total: 1, unit: 'graphs' })
  const collector = await openCollector(options)
  try {
    report({ stage: 'sampling', done: 0, total: sources.length, unit: 'photographs' })
    for await (const samples of collector.batches(sources, signal)) {
      report({ stage: 'sampling', done: samples.done, total: sources.length, unit: 'photographs' })
      yield samples
    }
  } finally {
    await collector.release()
  }
}

/** The positions of a photograph, by the hash of its file. @throws UserError as `positionsIn` */
export const positionsBy = ({
  classifier,
  seed,
  positionsPerImage,
  border,
}: Pick<CollectorOptions, 'classifier' | 'seed' | 'positionsPerImage' | 'border'>): ((hash: string) => Position[]) => {
  const room = coarsest(classifier.layers)
  return hash => positionsIn(seed, hash, positionsPerImage, room, border)
}

/** Compiles a network for samples. */
export async function openCollector(options: CollectorOptions): Promise<Collector> {
  const { classifier, runtime, extend } = options
  const { layers = classifier.layers, batch = BATCH } = options
  const { size, resize } = classifier.preprocessing
  // Without a key, so that its memory, most of what a build needs, is freed after the last sample.
  const program = await runtime.load(unitGraph(classifier, layers, extend))
  const pass = { classifier, program, layers, batch, draw: positionsBy(options) }
  return {
    async *batches(sources, signal) {
      let done = 0
      let running: Promise<SampleBatch<(typeof sources)[number]>> | undefined
      for await (const images of decodedBatches(sources, { size, resize, batch, signal })) {
        done += images.images.length + images.unreadable.length
        // Started before the previous one is awaited: the network runs the batches without a gap.
        const next = run(pass, done, images)
        next.catch(() => {})
        const before = running
        running = next
        if (before) {
          const samples = await before
          signal?.throwIfAborted()
          yield samples
        }
      }
      if (!running) return
      const samples = await running
      signal?.throwIfAborted()
      yield samples
    },
    release: () => program.release(),
  }
}

interface Pass {
  readonly classifier: Classifier
  readonly program: Program
  readonly layers: readonly Layer[]
  readonly batch: number
  readonly draw: (hash: string) => Position[]
}

async function run<T extends { readonly file: string }>(
  pass: Pass,
  done: number,
  { images, bytes, unreadable }: ImageBatch<T>,
): Promise<SampleBatch<T>> {
  const { program, layers, draw } = pass
  const drawn = images.map(image => draw(image.hash))
  const positions = drawn.flat()
  const results: Record<string, Tensor> = drawn[0]
    ? await program.run(padded(pass, bytes, positions, drawn[0].length))
    : {}
  const cut = (name: string): Float32Array => {
    const result = results[name]
    if (result === undefined) return new Float32Array()
    if (result.type !== 'float32') throw new TypeError(`output "${name}" is ${result.type}, not float32`)
    return result.data.subarray(0, positions.length * elements(result.dims.slice(1)))
  }
  const own = new Set(layers.map(activationOutput))
  for (const name of Object.keys(results)) requireFiniteRows(pass, name, cut(name), images)
  return {
    done,
    images,
    unreadable,
    positions,
    activations: new Map(layers.map(layer => [layer.name, cut(activationOutput(layer))])),
    extra: new Map(
      Object.keys(results)
        .filter(name => !own.has(name))
        .map(name => [name, cut(name)]),
    ),
  }
}

/**
 * Checks for NaN, which in one row would spread to every mean, second moment and layout of the layer.
 * @param values [samples, …], the samples of each photograph together
 * @throws UserError naming the layer and the photographs
 */
function requireFiniteRows<T extends { readonly file: string }>(
  { classifier, layers }: Pass,
  name: string,
  values: Float32Array,
  images: ImageBatch<T>['images'],
): void {
  const each = values.length / images.length
  const bad = images.filter((_, i) => !allFinite(values, i * each, (i + 1) * each))
  if (bad.length === 0) return
  const layer = layers.find(layer => name.endsWith(`/${layer.name}`))
  const shown = bad.slice(0, 3).map(({ source }) => source.file)
  throw new UserError(
    `cannot sample ${layer ? `layer "${layer.name}"` : name}: ${classifier.name} computes NaN or infinity there for ${bad.length} of ${images.length} photographs (${shown.join(', ')}${bad.length > 3 ? ', …' : ''}); check the weights of the model, "range", "mean" and "std" in its sidecar, or remove these photographs`,
  )
}

/** Feeds for a full batch, padded with black photographs and their first units. */
function padded(
  { classifier, layers, batch }: Pass,
  bytes: Uint8Array,
  positions: readonly Position[],
  perImage: number,
): Record<string, Tensor> {
  const { height, width } = inputSize(classifier.preprocessing)
  const full = batch * height * width * 3
  let photographs = bytes
  if (bytes.length < full) {
    photographs = new Uint8Array(full)
    photographs.set(bytes)
  }
  const samples = Array.from({ length: batch * perImage }, (_, sample) => sample)
  const unit = (layer: Layer, position: Position | undefined): number => {
    if (position === undefined) return 0
    const { y, x } = unitAt(position, layer)
    return y * layer.width + x
  }
  return unitFeeds(classifier, layers, photographs, {
    imageOf: samples.map(sample => Math.floor(sample / perImage)),
    units: new Map(layers.map(layer => [layer.name, samples.map(sample => unit(layer, positions[sample]))])),
  })
}
