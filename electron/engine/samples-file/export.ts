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
import { type Contents, KEPT, type LayerContents, Names, VERSION } from './contents.ts'
import { SamplesWriter } from './file.ts'
import { writeLayouts } from './layouts.ts'
import { blocks, transposed } from './order.ts'
import { LossMeter, quantise, Ranges, restore } from './quantise.ts'

/** The stored fields of a model that an export contains. */
const Remembered = z.object({
  sidecar: z.object({ input: z.json() }),
  layers: z.array(z.object({ name: z.string(), tensor: z.string() })),
})

export interface Exported {
  readonly bytes: number
  readonly contents: Omit<Contents, 'sections'>
}

interface ExportOptions {
  /** Include names and hashes of the photographs, to find them again on import. */
  readonly names?: boolean
}

/**
 * Writes the samples of a set, aligned over its layers, into a compact file without photographs: activations in
 * 8 bits, the strongest attributions, and the layouts.
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
      `cannot export the samples of ${db.file}: they are incomplete; draw the rest with portolan jobs resume ${db.file}`,
    )
  const { sidecar, layers: named } = stored(Remembered, model, `the model ${model.name}`)
  const layers = layersOf(db, set).map(matrix => ({
    matrix,
    // A layer without a name is named after its tensor.
    name: named.find(({ tensor }) => tensor === matrix.tensor)?.name ?? matrix.tensor,
  }))
  const chosen = attributionsOf(db, set, model.classifier)
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
      const stored = chosen && findAttributions(db, set.id, matrix.tensor, chosen.kind, chosen.classifier)
      const complete = stored?.n === set.n ? stored : undefined
      if (complete) classes = complete.width
      const attribution = complete ? { share: await writeAttributions(db, complete, name, writer, signal) } : null
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
        ...(chosen !== undefined && { logits: findClassifier(db, chosen.classifier)?.logits }),
      },
      set: set.key,
      images: set.images,
      samples: set.n,
      photographs,
      names: namesBytes,
      seed: set.seed,
      perImage: set.perImage,
      attribution: chosen && classes > 0 ? { kind: chosen.kind, classes, kept: KEPT } : null,
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

/** Complete matrices of activations, in the order of the layers. */
function layersOf(db: Readable, set: SampleSet): Matrix[] {
  const matrices = listMatrices(db, set.id).filter(({ kind, n }) => kind === 'activation' && n === set.n)
  if (matrices.length === 0)
    throw new UserError(`cannot export the samples of ${db.file}: it has no activations for them; build an atlas first`)
  return matrices
}

/** Kind and logits of the set's attributions: those to the model's current logits if the set has any. */
function attributionsOf(
  db: Readable,
  set: SampleSet,
  present: string,
): { readonly kind: AttributionKind; readonly classifier: string } | undefined {
  const all = listMatrices(db, set.id).flatMap(({ kind, classifier, n }) =>
    kind !== 'activation' && n === set.n ? [{ kind, classifier }] : [],
  )
  const current = all.filter(({ classifier }) => classifier === present)
  const order = ['exact', 'relaxed-l2', 'relaxed-avg']
  return (current.length > 0 ? current : all).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))[0]
}

/** Writes photographs by number, in the order of sampling, and the positions of samples. @returns their ids */
async function writePlaces(db: Readable, set: SampleSet, writer: SamplesWriter): Promise<readonly number[]> {
  const identity = new Map<number, string>()
  const identify = (id: number): string => {
    const found = identity.get(id) ?? identityOf(findImage(db, id)!)
    identity.set(id, found)
    return found
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
 * Writes names and hashes of photographs. @returns the number of bytes
 * @throws UserError when one has no hash: it was imported without a name
 */
async function writeNames(db: Readable, images: readonly number[], writer: SamplesWriter): Promise<number> {
  const parsed = Names.safeParse(
    images.map(id => {
      const image = findImage(db, id)
      return { relative: image?.relative, class: image?.class ?? null, hash: image?.hash }
    }),
  )
  if (!parsed.success)
    throw new UserError(
      `cannot export names from ${db.file}: not all photographs of these samples have a stored name; omit --names, or link their folder first`,
    )
  const json = Buffer.from(JSON.stringify(parsed.data))
  await writer.add({ part: 'names', start: 0, count: images.length }, json)
  return json.length
}

/** Writes the activations of a layer in 8 bits. @returns the loss */
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
      await writer.add(place, transposed(bytes, width, new Uint8Array(bytes.length)))
    }
  return meter.result()
}

/** Writes the strongest attributions of a layer. @returns their share of Σ|attribution|, if all are stored */
async function writeAttributions(
  db: Readable,
  matrix: Matrix,
  layer: string,
  writer: SamplesWriter,
  signal: AbortSignal,
): Promise<number | null> {
  const { width, kept } = matrix
  let [written, all] = [0, 0]
  const add = async (start: number, rows: Strongest): Promise<void> => {
    signal.throwIfAborted()
    written += magnitude(rows.values)
    const count = rows.classes.length / (2 * KEPT)
    const { bits } = encodeStrongest(rows)
    const place = { part: 'attributions', layer, start, count } as const
    await writer.add(place, bytesOf(transposed(bits, 4 * KEPT, new Uint16Array(bits.length))))
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
  return kept === null && all > 0 ? Math.min(1, written / all) : null
}

const magnitude = (values: Float32Array): number => {
  let sum = 0
  for (const value of values) sum += Math.abs(value)
  return sum
}

/** Truncates the samples from `start` on to fewer values of each sign. */
function truncated({ kept, classes, values }: Strongest, start: number, count: number, fewer: number): Strongest {
  const rows = {
    kept: fewer,
    classes: new Uint16Array(count * 2 * fewer).fill(UNUSED_SLOT),
    values: new Float32Array(count * 2 * fewer),
  }
  const length = Math.min(kept, fewer)
  // Each sign of each sample is a separate row.
  for (let row = 0; row < 2 * count; row++) {
    const from = (2 * start + row) * kept
    rows.classes.set(classes.subarray(from, from + length), row * fewer)
    rows.values.set(values.subarray(from, from + length), row * fewer)
  }
  return rows
}
