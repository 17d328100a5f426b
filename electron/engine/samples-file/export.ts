import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { StageWork } from '../jobs/context.ts'
import { identityOf } from '../photographs/read.ts'
import { float32Pages } from '../store/activations.ts'
import { findAttributions, strongestPages } from '../store/attributions.ts'
import { bytesOf } from '../store/bytes.ts'
import { findClassifier } from '../store/classifiers.ts'
import { stored } from '../store/json.ts'
import { type AttributionKind, listMatrices, type Matrix } from '../store/matrices.ts'
import { findModel } from '../store/models.ts'
import { findImage } from '../store/photographs.ts'
import { readSamples, type SampleSet } from '../store/samples.ts'
import type { Readable } from '../store/sql.ts'
import { encodeStrongest, type Strongest, strongestOf, UNUSED_SLOT } from '../store/strongest.ts'
import { type Contents, type LayerContents, Names, VERSION } from './contents.ts'
import { SamplesWriter } from './file.ts'
import { writeLayouts } from './layouts.ts'
import { blocks, turned } from './order.ts'
import { LossMeter, quantise, Ranges, restore } from './quantise.ts'

/** What the project remembers of a model, as far as it matters here. */
const Remembered = z.object({
  sidecar: z.object({ input: z.json() }),
  layers: z.array(z.object({ name: z.string(), tensor: z.string() })),
})

/** Attributions of each sign that an export keeps per sample. */
export const KEPT = 20

export interface Exported {
  readonly bytes: number
  readonly contents: Omit<Contents, 'sections'>
}

interface ExportOptions {
  /** Also the names and hashes of the photographs, by which whoever has them finds them again. */
  readonly names?: boolean
}

/**
 * Writes the samples of a set, aligned over its layers, into a compact file without photographs: activations in
 * 8 bits, the strongest attributions, and where the samples lie on the maps that were made of them.
 * @throws UserError when the set is not finished, an activation is not finite, or the file cannot be written
 */
export async function exportSamples(
  db: Readable,
  set: SampleSet,
  file: string,
  { signal, report }: Pick<StageWork, 'signal' | 'report'>,
  { names = false }: ExportOptions = {},
): Promise<Exported> {
  const model = findModel(db, set.model)
  if (!model) throw new Error(`sample set ${set.id} has no model`)
  if (set.finished === null || set.n === 0)
    throw new UserError(
      `cannot export the samples of ${db.file}: not all of them are drawn; portolan jobs resume ${db.file} draws the rest`,
    )
  const { sidecar, layers: named } = stored(Remembered, model, `the model ${model.name}`)
  const layers = layersOf(db, set).map(matrix => ({
    matrix,
    // A layer that has no name of its own goes by its tensor's.
    name: named.find(({ tensor }) => tensor === matrix.tensor)?.name ?? matrix.tensor,
  }))
  const taken = attributionsOf(db, set, model.classifier)
  const writer = await SamplesWriter.create(file)
  try {
    const images = await writePlaces(db, set, writer)
    const photographs = images.length
    const namesBytes = names ? await writeNames(db, images, writer) : null
    const described: LayerContents[] = []
    let classes = 0
    for (const [done, { matrix, name }] of layers.entries()) {
      signal.throwIfAborted()
      report({ stage: 'export', done, total: layers.length, unit: 'layers' })
      const loss = await writeActivations(db, matrix, name, writer, signal)
      const known = taken && findAttributions(db, set.id, matrix.tensor, taken.kind, taken.classifier)
      const whole = known?.n === set.n ? known : undefined
      if (whole) classes = whole.width
      const attribution = whole ? { share: await writeAttributions(db, whole, name, writer, signal) } : null
      described.push({ name, tensor: matrix.tensor, channels: matrix.width, loss, attribution })
    }
    const layouts = await writeLayouts(
      db,
      set,
      layers.map(({ name, matrix: { tensor } }) => ({ name, tensor })),
      writer,
    )
    const contents: Omit<Contents, 'sections'> = {
      format: 'portolan samples',
      version: VERSION,
      model: {
        name: model.name,
        hash: model.hash,
        preprocessing: set.input === null ? sidecar.input : z.json().parse(JSON.parse(set.input)),
        ...(taken !== undefined && { logits: findClassifier(db, taken.classifier)?.logits }),
      },
      set: set.key,
      images: set.images,
      samples: set.n,
      photographs,
      names: namesBytes,
      seed: set.seed,
      perImage: set.perImage,
      attribution: taken && classes > 0 ? { kind: taken.kind, classes, kept: KEPT } : null,
      activation: { bits: 8, rule: '(byte - zero) * scale, per channel' },
      layers: described,
      layouts,
    }
    const bytes = await writer.finish(contents)
    report({ stage: 'export', done: layers.length, total: layers.length, unit: 'layers' })
    return { bytes, contents }
  } catch (error) {
    await writer.discard()
    throw error
  }
}

/** Matrices of activations that reach to the last sample, in the order of the layers. */
function layersOf(db: Readable, set: SampleSet): Matrix[] {
  const found = listMatrices(db, set.id).filter(({ kind, n }) => kind === 'activation' && n === set.n)
  if (found.length === 0)
    throw new UserError(`cannot export the samples of ${db.file}: it has no activations for them; build an atlas first`)
  return found
}

/** How the attributions that the set has were taken, and to which logits: to the model's present ones if there are any. */
function attributionsOf(
  db: Readable,
  set: SampleSet,
  present: string,
): { readonly kind: AttributionKind; readonly classifier: string } | undefined {
  const all = listMatrices(db, set.id).flatMap(({ kind, classifier, n }) =>
    kind !== 'activation' && n === set.n ? [{ kind, classifier }] : [],
  )
  const own = all.filter(({ classifier }) => classifier === present)
  const order = ['exact', 'relaxed-l2', 'relaxed-avg']
  return (own.length > 0 ? own : all).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0]
}

/** Photographs by number, in the order in which they were sampled, and where the samples lie. @returns their ids */
async function writePlaces(db: Readable, set: SampleSet, writer: SamplesWriter): Promise<readonly number[]> {
  const identity = new Map<number, string>()
  const identify = (id: number): string => {
    const known = identity.get(id) ?? identityOf(findImage(db, id)!)
    identity.set(id, known)
    return known
  }
  // Copies of one photograph have one number.
  const numbers = new Map<string, { readonly number: number; readonly image: number }>()
  for (const { start, count } of blocks(set.n)) {
    const samples = readSamples(db, set.id, start, start + count)
    const images = Uint32Array.from(samples, ({ image }) => {
      const key = identify(image)
      if (!numbers.has(key)) numbers.set(key, { number: numbers.size, image })
      return numbers.get(key)!.number
    })
    const positions = Float64Array.from(samples.flatMap(({ v, u }) => [v, u]))
    await writer.add({ part: 'samples', start, count }, Buffer.concat([bytesOf(images), bytesOf(positions)]))
  }
  const sizes = Uint32Array.from(
    [...numbers.values()].flatMap(({ image: id }) => {
      const image = findImage(db, id)
      return image?.status === 'ok' ? [image.width, image.height] : [0, 0]
    }),
  )
  await writer.add({ part: 'photographs', start: 0, count: numbers.size }, bytesOf(sizes))
  return [...numbers.values()].map(({ image }) => image)
}

/**
 * The names and hashes of photographs. @returns how many bytes
 * @throws UserError when one has no hash: it was imported itself, without a name
 */
async function writeNames(db: Readable, images: readonly number[], writer: SamplesWriter): Promise<number> {
  const known = Names.safeParse(
    images.map(id => {
      const image = findImage(db, id)
      return { relative: image?.relative, class: image?.class ?? null, hash: image?.hash }
    }),
  )
  if (!known.success)
    throw new UserError(
      `cannot export names from ${db.file}: not all photographs of these samples are known by name; leave --names out, or link their folder first`,
    )
  const json = Buffer.from(JSON.stringify(known.data))
  await writer.add({ part: 'names', start: 0, count: images.length }, json)
  return json.length
}

/** The activations of a layer, in 8 bits. @returns what that has cost */
async function writeActivations(
  db: Readable,
  matrix: Matrix,
  layer: string,
  writer: SamplesWriter,
  signal: AbortSignal,
) {
  const { width } = matrix
  const ranges = new Ranges(width)
  for (const page of float32Pages(db, matrix))
    if (!ranges.feed(page.values))
      throw new UserError(`cannot export ${layer}: it has activations that are not finite; check the preprocessing`)
  const quantisation = ranges.quantisation()
  const { scale, zero } = quantisation
  await writer.add({ part: 'range', layer, start: 0, count: width }, Buffer.concat([bytesOf(scale), zero]))
  const meter = new LossMeter(width)
  for (const page of float32Pages(db, matrix))
    for (const { start, count } of blocks(page.count)) {
      signal.throwIfAborted()
      const rows = page.values.subarray(start * width, (start + count) * width)
      const bytes = quantise(rows, quantisation)
      meter.feed(rows, restore(bytes, quantisation))
      const place = { part: 'activations', layer, start: page.start + start, count } as const
      await writer.add(place, turned(bytes, width, new Uint8Array(bytes.length)))
    }
  return meter.result()
}

/** The strongest attributions of a layer. @returns their share of Σ|attribution|, where all are known */
async function writeAttributions(
  db: Readable,
  matrix: Matrix,
  layer: string,
  writer: SamplesWriter,
  signal: AbortSignal,
): Promise<number | null> {
  const { width, kept } = matrix
  let [held, all] = [0, 0]
  const add = async (start: number, rows: Strongest): Promise<void> => {
    signal.throwIfAborted()
    held += magnitude(rows.values)
    const count = rows.classes.length / (2 * KEPT)
    const { bits } = encodeStrongest(rows)
    const place = { part: 'attributions', layer, start, count } as const
    await writer.add(place, bytesOf(turned(bits, 4 * KEPT, new Uint16Array(bits.length))))
  }
  if (kept === null)
    for (const page of float32Pages(db, matrix))
      for (const { start, count } of blocks(page.count)) {
        const values = page.values.subarray(start * width, (start + count) * width)
        all += magnitude(values)
        await add(page.start + start, strongestOf(values, width, KEPT))
      }
  else
    for (const page of strongestPages(db, matrix))
      for (const { start, count } of blocks(page.rows.classes.length / (2 * kept)))
        await add(page.start + start, truncated(page.rows, start, count, KEPT))
  return kept === null && all > 0 ? Math.min(1, held / all) : null
}

const magnitude = (values: Float32Array): number => {
  let sum = 0
  for (const value of values) sum += Math.abs(value)
  return sum
}

/** Of the samples from `start` on, what is left when fewer of each sign are kept. */
function truncated({ kept, classes, values }: Strongest, start: number, count: number, fewer: number): Strongest {
  const rows = {
    kept: fewer,
    classes: new Uint16Array(count * 2 * fewer).fill(UNUSED_SLOT),
    values: new Float32Array(count * 2 * fewer),
  }
  const most = Math.min(kept, fewer)
  // Each sign of each sample is a row of its own.
  for (let row = 0; row < 2 * count; row++) {
    const from = (2 * start + row) * kept
    rows.classes.set(classes.subarray(from, from + most), row * fewer)
    rows.values.set(values.subarray(from, from + most), row * fewer)
  }
  return rows
}
