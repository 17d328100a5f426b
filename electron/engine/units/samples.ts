import { z } from 'zod'
import type { AtlasParams } from '../../contract/build.ts'
import { silent } from '../../contract/progress.ts'
import { closedForm } from '../attribution/closed-form.ts'
import { attributing, attributionOutput } from '../attribution/graph.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import type { BatchedImage } from '../images/batches.ts'
import type { PhotographSource } from '../images/read.ts'
import { UnreadableImage } from '../images/unreadable.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import { activationOutput } from '../model/units.ts'
import {
  type CollectOptions,
  type Collector,
  openCollector,
  positionsBy,
  type SampleBatch,
} from '../sampling/collect.ts'
import type { Rounded } from '../store/activations.ts'
import { asFloat16, asUint16, bytesOf } from '../store/bytes.ts'
import { toFloat16 } from '../store/float16.ts'
import { packed, RefusedResult, unpacked } from './packed.ts'
import { layerAt, type Tool, type UnitKind } from './perform.ts'
import { contentsOf, errorOf, inUnits, photographOf, type Read, Unusable, unusable } from './photographs.ts'
import { Slabs } from './slabs.ts'
import { modelOf, type Order, type Part, PHOTOGRAPHS, type SamplesUnit } from './unit.ts'
import { inTurn, type Performed, type RunOptions, type Workers } from './workers.ts'

/** A batch of samples whose rows are rounded already. */
export type RoundedBatch<T> = Omit<SampleBatch<T>, 'activations' | 'extra'> & {
  readonly activations: ReadonlyMap<string, Rounded>
  readonly extra: ReadonlyMap<string, Rounded>
}

export interface SampleOrder<T>
  extends Pick<
    CollectOptions<T>,
    'classifier' | 'sources' | 'positionsPerImage' | 'border' | 'seed' | 'signal' | 'report'
  > {
  readonly layers: readonly Layer[]
  /** The derivative of max-pooling in attributions. */
  readonly attribution: AtlasParams['attribution']
}

/** What the photographs of a unit came to, in their order, and the rows of all that have samples. */
interface Outcome<T> {
  readonly images: readonly BatchedImage<T>[]
  readonly unreadable: SampleBatch<T>['unreadable']
  readonly rows: ReadonlyMap<string, Rounded>
}

/**
 * The samples that `collect` would yield, computed by workers: many units at once, whose results are passed on in the order of
 * the photographs. A batch is a unit, of more photographs than a pass has: rows are stored in pages, which are the same however
 * many rows are added at a time, and cost less with more of them.
 * @throws the abort reason of the signal; UserError when no worker can perform a unit
 */
export async function* samplesByWorkers<T extends PhotographSource & { readonly hash: string }>(
  workers: Workers,
  order: SampleOrder<T>,
): AsyncGenerator<RoundedBatch<T>, void, void> {
  const { sources, layers, report = silent } = order
  const outputs = outputsOf(order.classifier, layers)
  const positionsOf = positionsBy(order)
  positionsOf('')
  const slabs = new Slabs()
  const abort = new AbortController()
  const signal = order.signal === undefined ? abort.signal : AbortSignal.any([order.signal, abort.signal])
  report({ stage: 'sampling', done: 0, total: sources.length, unit: 'photographs' })
  let done = 0
  const batch = ({ images, unreadable, rows }: Outcome<T>): RoundedBatch<T> => {
    done += images.length + unreadable.length
    report({ stage: 'sampling', done, total: sources.length, unit: 'photographs' })
    return {
      done,
      images,
      unreadable,
      positions: images.flatMap(({ hash }) => positionsOf(hash)),
      activations: new Map(layers.map(layer => [layer.name, rows.get(activationOutput(layer)) ?? NONE])),
      extra: new Map(outputs.slice(layers.length).map(({ name }) => [name, rows.get(name) ?? NONE])),
    }
  }
  const run = (unit: readonly Read<T>[], sent: () => void) =>
    sampled(workers, order, outputs, unit, slabs, { signal, sent })
  for await (const outcome of inTurn(
    () => workers.room,
    inUnits(sources, signal, slabs),
    run,
    () => abort.abort(),
  )) {
    signal.throwIfAborted()
    yield batch(outcome)
  }
}

async function sampled<T extends PhotographSource & { readonly hash: string }>(
  workers: Workers,
  { classifier, layers, attribution, positionsPerImage, border, seed }: SampleOrder<T>,
  outputs: readonly Output[],
  unit: readonly Read<T>[],
  slabs: Slabs,
  options: Pick<RunOptions, 'signal' | 'sent'>,
): Promise<() => Promise<Outcome<T>>> {
  const sent = unit.flatMap(({ source, read }) => (read instanceof UnreadableImage ? [] : [{ source, file: read }]))
  if (sent.length === 0)
    return async () => ({
      images: [],
      unreadable: unit.map(({ source, read }) => ({ source, error: read as UnreadableImage })),
      rows: new Map(),
    })
  const hashes = sent.map(({ file }) => file.hash)
  const width = outputs.reduce((sum, each) => sum + each.width, 0)
  const order: Order<Sampled> = {
    unit: {
      kind: 'samples',
      model: modelOf(classifier),
      layers: layers.map(({ tensor }) => tensor),
      attribution,
      positionsPerImage,
      border: border ?? null,
      seed,
      photographs: sent.map(({ file }) => photographOf(file)),
    },
    classifier,
    ...contentsOf(sent, slabs),
    shared: [],
    items: hashes.length * positionsPerImage,
    resultBytes: 2 ** 16 + hashes.length * (2 ** 12 + 2 * positionsPerImage * width),
    accept: result => acceptedSamples(result, { photographs: hashes.length, positionsPerImage, outputs }),
  }
  const sources = unit.map(({ source, read }) => ({
    source,
    error: read instanceof UnreadableImage ? read : undefined,
  }))
  const performed: Performed<Sampled> = await workers.run(order, { priority: 2, ...options })
  return async () => {
    const { photographs, rows } = await performed.take()
    const images: BatchedImage<T>[] = []
    const unreadable: { readonly source: T; readonly error: UnreadableImage }[] = []
    let at = 0
    for (const { source, error } of sources) {
      if (error) {
        unreadable.push({ source, error })
        continue
      }
      const hash = hashes[at]!
      const one = photographs[at++]!
      if ('reason' in one) unreadable.push({ source, error: errorOf(source.file, one, hash) })
      else images.push({ source, hash, width: one.width, height: one.height, box: one.box })
    }
    return { images, unreadable, rows }
  }
}

/** An output of the network for each sample. */
interface Output {
  readonly name: string
  readonly width: number
}

/** The outputs of a unit, in the order of its result. */
const outputsOf = (classifier: Classifier, layers: readonly Layer[]): readonly Output[] => [
  ...layers.map(layer => ({ name: activationOutput(layer), width: layer.channels })),
  ...attributedOf(classifier, layers).map(layer => ({
    name: attributionOutput(layer),
    width: classifier.labels.length,
  })),
]

/** The layers whose attributions a project stores; of the others they follow from the activations. */
const attributedOf = (classifier: Classifier, layers: readonly Layer[]): readonly Layer[] =>
  layers.filter(layer => !closedForm(classifier, layer))

/** What a worker says of the photographs of a unit: why it could not be used, or its size; and the rows of all that could. */
interface Sampled {
  readonly photographs: readonly (z.infer<typeof Unusable> | Pick<BatchedImage<unknown>, 'width' | 'height' | 'box'>)[]
  readonly rows: ReadonlyMap<string, Rounded>
}

const edge = z.int().min(1).max(BOUNDS.photographPixels)
const place = z.number().min(0).max(BOUNDS.photographPixels)
const Description = z.strictObject({
  photographs: z
    .array(
      z.union([
        Unusable,
        z.strictObject({
          width: edge,
          height: edge,
          box: z.strictObject({ left: place, top: place, width: place.positive(), height: place.positive() }),
          /** Clipped values of each output. */
          clipped: z.array(z.int().min(0)).max(128),
        }),
      ]),
    )
    .max(PHOTOGRAPHS),
})

/** The compiled network of a unit. */
interface UnitCollector extends Tool {
  readonly collector: Collector
  readonly layers: readonly Layer[]
  readonly outputs: readonly Output[]
}

/** How a worker samples photographs. */
export const sampleUnits: UnitKind<SamplesUnit, UnitCollector> = {
  key: ({ model, layers, attribution, positionsPerImage, border, seed }) =>
    JSON.stringify([model, layers, attribution, positionsPerImage, border, seed]),
  open: async (unit, { classifier, runtime }) => {
    const { positionsPerImage, border, seed, attribution } = unit
    const layers = unit.layers.map(tensor => layerAt(classifier, tensor))
    const collector = await openCollector({
      ...{ classifier, runtime, positionsPerImage, seed, layers },
      border: border ?? undefined,
      extend: attributing(classifier, layers, attribution),
    })
    return { collector, layers, outputs: outputsOf(classifier, layers), release: () => collector.release() }
  },
  perform: performSamples,
}

/** @returns what `acceptedSamples` reads: for each output the rows of all readable photographs */
async function performSamples(
  unit: SamplesUnit,
  { collector, layers, outputs }: UnitCollector,
  content: (part: Part) => Promise<Buffer>,
  signal: AbortSignal,
): Promise<Buffer> {
  const sources = await Promise.all(
    unit.photographs.map(async ({ name, sha256, bytes }, index) => ({
      index,
      file: name,
      hash: sha256,
      bytes: await content({ sha256, bytes }),
    })),
  )
  const photographs: unknown[] = []
  const rows = outputs.map((): Uint8Array[] => [])
  for await (const { images, unreadable, activations, extra } of collector.batches(sources, signal)) {
    for (const { source, error } of unreadable) photographs[source.index] = unusable(error)
    const clipped = images.map((): number[] => [])
    for (const [o, { name, width }] of outputs.entries()) {
      const layer = layers[o]
      const values = layer ? activations.get(layer.name)! : extra.get(name)!
      const each = width * unit.positionsPerImage
      for (const [i, counts] of clipped.entries()) {
        const rounded = toFloat16(values.subarray(i * each, (i + 1) * each))
        counts.push(rounded.clipped)
        rows[o]!.push(bytesOf(rounded.values))
      }
    }
    for (const [i, { source, width, height, box }] of images.entries())
      photographs[source.index] = { width, height, box, clipped: clipped[i] }
  }
  return packed(
    { photographs },
    rows.map(each => Buffer.concat(each)),
  )
}

/** The samples in the result of a unit. @throws RefusedResult when it is of another number, width or form, or not finite */
export function acceptedSamples(
  result: Uint8Array,
  {
    photographs: count,
    positionsPerImage,
    outputs,
  }: { readonly photographs: number; readonly positionsPerImage: number; readonly outputs: readonly Output[] },
): Sampled {
  const { description, sections } = unpacked(result, Description, outputs.length)
  const { photographs } = description
  if (photographs.length !== count) throw new RefusedResult(`has ${photographs.length} photographs instead of ${count}`)
  const read = photographs.filter(one => 'width' in one)
  for (const { width, height, box, clipped } of read) {
    // Rounding may lead a little beyond the edge.
    if (box.left + box.width > width + 0.01 || box.top + box.height > height + 0.01)
      throw new RefusedResult('has a part of a photograph that reaches beyond it')
    if (clipped.length !== outputs.length) throw new RefusedResult('has other counts of clipped values')
  }
  const rows = new Map<string, Rounded>()
  for (const [o, { width, name }] of outputs.entries()) {
    const bytes = sections[o]!
    if (bytes.length !== 2 * width * positionsPerImage * read.length)
      throw new RefusedResult(`has ${bytes.length} bytes of ${name}`)
    const values = asFloat16(bytes)
    if (!isFinite16(asUint16(bytesOf(values)))) throw new RefusedResult(`has numbers of ${name} that are not finite`)
    rows.set(name, { values, clipped: read.reduce((sum, { clipped }) => sum + clipped[o]!, 0) })
  }
  return { photographs, rows }
}

/** The rows of a batch without samples. */
const NONE: Rounded = { values: new Float16Array(0), clipped: 0 }

/** Whether no float16 is infinite or NaN: their exponents are all ones. */
function isFinite16(bits: Uint16Array): boolean {
  for (let at = 0; at < bits.length; at++) if ((bits[at]! & 0x7c00) === 0x7c00) return false
  return true
}
