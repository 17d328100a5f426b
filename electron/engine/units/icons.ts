import { z } from 'zod'
import { UserError } from '../../contract/errors.ts'
import type { Inversion } from '../../contract/inversion.ts'
import { encodeWebp } from '../images/encode.ts'
import type { Sized } from '../inversion/frame.ts'
import { type InversionResult, Inverter } from '../inversion/invert.ts'
import { sizedAt } from '../inversion/layer-size.ts'
import type { InvertOptions } from '../inversion/shard.ts'
import type { Classifier, Layer } from '../model/classifier.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { asFloat32, asFloat64, bytesOf } from '../store/bytes.ts'
import { packed, RefusedResult, unpacked } from './packed.ts'
import { layerAt, type UnitKind } from './perform.ts'
import { type IconsUnit, modelOf, type Order, type Part, partOf } from './unit.ts'
import type { RunOptions, Workers } from './workers.ts'

/** An icon and its picture. */
export interface MadeIcon extends Omit<InversionResult, 'rgb'> {
  /** Lossless WebP. */
  readonly webp: Uint8Array
}

/** Makes icons of one layer and one preset: in this process, or by workers. */
export interface IconMaker {
  /** The inversion parameters, with edges in pixels at this layer. */
  readonly inversion: Sized
  /** Maximum number of directions of one call. */
  readonly batch: number
  /** Calls that may be under way at once. */
  readonly room: number
  /** @param directions [n, channels], 1 ≤ n ≤ batch @returns n icons, in the same order */
  make(directions: Float32Array, options: InvertOptions & Pick<RunOptions, 'priority'>): Promise<readonly MadeIcon[]>
  release(): Promise<void>
}

/** What icons are made with. */
export interface IconMaking {
  readonly classifier: Classifier
  readonly runtime: Runtime
  readonly layer: Layer
  readonly inversion: Inversion
}

/** Makes icons in this process, batch after batch. */
export async function iconMaker({ classifier, runtime, layer, inversion }: IconMaking): Promise<IconMaker> {
  const inverter = await Inverter.create(classifier, runtime, layer, inversion)
  return {
    inversion: inverter.inversion,
    batch: inverter.batch,
    room: 1,
    make: async (directions, options) => withPictures(await inverter.invert(directions, options)),
    release: () => inverter.release(),
  }
}

const withPictures = (icons: readonly InversionResult[]): Promise<readonly MadeIcon[]> =>
  Promise.all(
    icons.map(async ({ rgb, ...icon }) => ({
      ...icon,
      webp: await encodeWebp({ rgb, width: icon.size, height: icon.size }),
    })),
  )

/** Makes icons by workers, several batches at once. */
export function iconsByWorkers(
  workers: Workers,
  { classifier, layer, inversion }: Omit<IconMaking, 'runtime'>,
): IconMaker {
  const sized = sizedAt(classifier, layer, inversion)
  const model = modelOf(classifier)
  return {
    inversion: sized,
    batch: inversion.batch,
    get room() {
      return workers.room
    },
    make: async (directions, { seed, whitening, mean, starts, signal, priority }) => {
      const shared = [whitening?.matrix, mean].flatMap(values => (values ? [bytesOf(values)] : []))
      const count = directions.length / layer.channels
      if (inversion.start && starts === undefined) throw new Error('this inversion needs pictures to start from')
      const pictures = starts instanceof Float32Array ? [bytesOf(starts)] : []
      const order: Order<readonly MadeIcon[]> = {
        unit: {
          kind: 'icons',
          model,
          layer: layer.tensor,
          inversion,
          seed,
          count,
          channels: layer.channels,
          directions: partOf(bytesOf(directions)),
          whitening: whitening ? partOf(bytesOf(whitening.matrix)) : null,
          mean: mean ? partOf(bytesOf(mean)) : null,
          ...(pictures[0] && { starts: partOf(pictures[0]) }),
        },
        classifier,
        contents: async () => [bytesOf(directions), ...pictures],
        shared,
        items: count,
        resultBytes: 2 ** 16 + count * (mostBytes(sized.size) + 4 * layer.channels + 2 ** 10),
        accept: result => acceptedIcons(result, { count, channels: layer.channels, size: sized.size }),
      }
      const performed = await workers.run(order, { priority, signal: signal ?? new AbortController().signal })
      return performed.take()
    },
    release: async () => {},
  }
}

/** Bytes that a lossless WebP may have: it can be larger than its pixels, by its tables. */
const mostBytes = (size: number): number => 4 * size * size + 4096

const text = z.string().max(500)
const Description = z.strictObject({
  icons: z
    .array(
      z.strictObject({
        status: z.enum(['ok', 'grey', 'non-finite']),
        starts: z.int().min(1).max(16),
        batch: z.int().min(1).max(65_536),
        runtime: z.strictObject({ name: text, library: text, device: text, threads: z.int().min(0).max(65_536) }),
        bytes: z.int().min(1),
      }),
    )
    .max(512),
})
/** Fidelity, robust fidelity and objective of each icon; activations; pictures. */
const SECTIONS = 3
const NUMBERS = 3

/** How a worker makes icons. */
export const iconUnits: UnitKind<IconsUnit, Inverter> = {
  key: ({ model, layer, inversion }) => JSON.stringify([model, layer, inversion]),
  open: async (unit, { classifier, runtime }) => {
    const layer = layerAt(classifier, unit.layer)
    if (layer.channels !== unit.channels)
      throw new UserError(`${classifier.name} has ${layer.channels} channels at ${layer.name}, not ${unit.channels}`)
    return Inverter.create(classifier, runtime, layer, unit.inversion, unit.inversion.batch)
  },
  perform: performIcons,
}

/** @returns what `acceptedIcons` reads */
async function performIcons(
  unit: IconsUnit,
  inverter: Inverter,
  content: (part: Part) => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<Buffer> {
  if (unit.directions.bytes !== 4 * unit.count * unit.channels || unit.count > unit.inversion.batch)
    throw new UserError('the directions of the unit are of another number or length than it says')
  const { channels, seed, starts } = unit
  if (starts && starts.bytes !== 12 * unit.count * inverter.inversion.size ** 2)
    throw new UserError('the pictures to start from are of another number or size than the unit says')
  const matrix = unit.whitening && asFloat64(await content(unit.whitening))
  const mean = unit.mean && asFloat32(await content(unit.mean))
  const icons = await withPictures(
    await inverter.invert(asFloat32(await content(unit.directions)), {
      seed,
      signal,
      ...(matrix && { whitening: { channels, matrix } }),
      ...(mean && { mean }),
      starts: starts ? asFloat32(await content(starts)) : 'noise',
    }),
  )
  const numbers = Float64Array.from(icons.flatMap(icon => [icon.fidelity, icon.robustFidelity, icon.objective]))
  const activations = new Float32Array(icons.length * channels)
  for (const [row, { activation }] of icons.entries()) activations.set(activation, row * channels)
  return packed(
    {
      icons: icons.map(({ status, starts, batch, runtime, webp }) => ({
        status,
        starts,
        batch,
        runtime: { ...runtime },
        bytes: webp.length,
      })),
    },
    [bytesOf(numbers), bytesOf(activations), Buffer.concat(icons.map(({ webp }) => webp))],
  )
}

/** The icons in the result of a unit. @throws RefusedResult when it is of another number, size or form */
export function acceptedIcons(
  result: Uint8Array,
  { count, channels, size }: { readonly count: number; readonly channels: number; readonly size: number },
): readonly MadeIcon[] {
  const { description, sections } = unpacked(result, Description, SECTIONS)
  const { icons } = description
  const [numbersOf, activationsOf, pictures] = sections as [Uint8Array, Uint8Array, Uint8Array]
  if (icons.length !== count) throw new RefusedResult(`has ${icons.length} icons instead of ${count}`)
  if (numbersOf.length !== 8 * NUMBERS * count || activationsOf.length !== 4 * channels * count)
    throw new RefusedResult('has numbers of another length')
  const numbers = asFloat64(numbersOf)
  const activations = asFloat32(activationsOf)
  let at = 0
  const made = icons.map(({ bytes, runtime, ...icon }, row): MadeIcon => {
    const [fidelity, robustFidelity, objective] = numbers.subarray(NUMBERS * row, NUMBERS * (row + 1))
    const activation = activations.slice(row * channels, (row + 1) * channels)
    // A cosine; of an icon that failed it may be none. Rounding may lead a little beyond 1.
    for (const cosine of [fidelity!, robustFidelity!])
      if (Math.abs(cosine) > 1.001) throw new RefusedResult(`has a fidelity of ${cosine}`)
    if (icon.status !== 'non-finite' && !areFinite(activation))
      throw new RefusedResult('has activations that are not finite')
    const webp = new Uint8Array(pictures.subarray(at, at + bytes))
    at += bytes
    if (bytes > mostBytes(size) || !isLosslessWebp(webp, size))
      throw new RefusedResult(`has a picture that is no WebP of ${size} × ${size} pixels`)
    const { name, library, device, threads } = runtime
    return {
      ...icon,
      size,
      fidelity: fidelity!,
      robustFidelity: robustFidelity!,
      objective: objective!,
      activation,
      runtime: { name, library, device, threads },
      webp,
    }
  })
  if (at !== pictures.length) throw new RefusedResult('has pictures of another length')
  return made
}

/** A loop: a call for each of all channels of all icons would take as long as to store them. */
function areFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at]!)) return false
  return true
}

/** Whether bytes are the container of one lossless WebP of a size: RIFF, with the header of the VP8L bit stream. */
function isLosslessWebp(bytes: Uint8Array, size: number): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (head.length < 25 || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 16) !== 'WEBPVP8L')
    return false
  if (head.readUInt32LE(4) !== head.length - 8 || head[20] !== 0x2f) return false
  const bits = head.readUInt32LE(21)
  return (bits & 0x3fff) + 1 === size && ((bits >>> 14) & 0x3fff) + 1 === size
}
