import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Border, PoolDerivative } from '../../contract/build.ts'
import { InversionSchema } from '../../contract/inversion.ts'
import { PatchLook } from '../../contract/placement.ts'
import { ClassIndex, ModelHash } from '../../contract/values.ts'
import { BOUNDS } from '../bounds/bounds.ts'
import type { Classifier } from '../model/classifier.ts'
import { Sidecar } from '../model/sidecar.ts'

/** Bytes that belong to a unit and are sent beside it, by their hash. */
export const Part = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(0).max(BOUNDS.photographBytes),
})
export type Part = z.infer<typeof Part>

export const partOf = (content: Uint8Array): Part => ({
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
})

/** Photographs of a unit: four passes, so that the queue is no bottleneck and a worker that dies loses seconds. */
export const PHOTOGRAPHS = 32
/** Bytes of the photographs of a unit of several. */
export const PHOTOGRAPH_BYTES = 64 * 2 ** 20
const LAYERS = 64
const PATCHES = 512
const CHANNELS = 65_536
const name = z.string().min(1).max(1000)

/** The network, by its identity, and its description: everything but the names of classes. */
const Model = z.strictObject({ network: ModelHash, sidecar: Sidecar.omit({ labels: true }) })
const run = z.string().regex(/^[0-9a-f-]{36}$/)

/** A batch of directions to be inverted. */
const Icons = z.strictObject({
  kind: z.literal('icons'),
  run,
  model: Model,
  /** Its tensor. */
  layer: name,
  inversion: InversionSchema,
  seed: z.int().min(0),
  count: z.int().min(1).max(512),
  channels: z.int().min(1).max(CHANNELS),
  /** Float32 [count, channels]. */
  directions: Part,
  /** Float64 [channels, channels], where the objective whitens. */
  whitening: Part.nullable(),
  /** Float32 [channels], where the objective subtracts a share of it. */
  mean: Part.nullable(),
  /** Float32 [count, size, size, 3]: the pictures that the icons start from; absent: they start from noise. */
  starts: Part.optional(),
})

/** Photographs to be sampled at some layers, with their attributions. */
const Samples = z.strictObject({
  kind: z.literal('samples'),
  run,
  model: Model,
  /** Their tensors. */
  layers: z.array(name).min(1).max(LAYERS),
  attribution: PoolDerivative,
  positionsPerImage: z.int().min(1).max(25),
  border: Border.nullable(),
  seed: z.int().min(0),
  photographs: z
    .array(z.strictObject({ name: z.string().max(1000), ...Part.shape }))
    .min(1)
    .max(PHOTOGRAPHS),
})

/** Photographs on which patches are tried, each at all sizes and places. */
const Trials = z.strictObject({
  kind: z.literal('trials'),
  run,
  model: Model,
  sizes: z.array(z.number().min(0).max(4)).min(1).max(64),
  places: z
    .array(z.strictObject({ x: z.number().min(-4).max(5), y: z.number().min(-4).max(5) }))
    .min(1)
    .max(256),
  source: ClassIndex,
  target: ClassIndex,
  patches: z
    .array(
      z.strictObject({
        patch: z.int().min(0),
        look: PatchLook,
        width: z.int().min(1).max(BOUNDS.patchPixels),
        height: z.int().min(1).max(BOUNDS.patchPixels),
        /** Not the patch, but what is under it, filled in from its surroundings. */
        surroundings: z.boolean(),
        /** RGBA, [height, width, 4]. */
        picture: Part,
      }),
    )
    .min(1)
    .max(PATCHES),
  photographs: z
    .array(
      z.strictObject({
        ...{ name: z.string().max(1000), ...Part.shape },
        /** The first variant to try; −1: the photograph alone. */
        next: z.int().min(-1),
      }),
    )
    .min(1)
    .max(PHOTOGRAPHS),
})

/** One unit of the work of a build: it names its model by identity and its contents by hash. From anywhere. */
export const Unit = z.discriminatedUnion('kind', [Icons, Samples, Trials])
export type Unit = z.infer<typeof Unit>
export type IconsUnit = z.infer<typeof Icons>
export type SamplesUnit = z.infer<typeof Samples>
export type TrialsUnit = z.infer<typeof Trials>

/** The contents that a unit names: its own, then those that other units have too. */
export const partsOf = (unit: Unit): { readonly own: readonly Part[]; readonly shared: readonly Part[] } => {
  if (unit.kind === 'icons')
    return {
      own: [unit.directions, ...(unit.starts ? [unit.starts] : [])],
      shared: [unit.whitening, unit.mean].filter(part => part !== null),
    }
  return {
    own: unit.photographs.map(({ sha256, bytes }) => ({ sha256, bytes })),
    shared: unit.kind === 'trials' ? unit.patches.map(({ picture }) => picture) : [],
  }
}

/** A classifier as a unit names it. Layers that other programs have named by reserved names are not found there again. */
export const modelOf = ({
  hash,
  name,
  preprocessing,
  head,
  activation,
  layers,
  license,
  source,
}: Classifier): Unit['model'] => ({
  network: hash,
  sidecar: {
    name,
    input: { ...preprocessing },
    logits: head,
    ...(activation !== undefined && { probabilities: activation }),
    layers: Object.fromEntries(layers.map(({ name, tensor }) => [name, tensor])),
    license,
    source,
  },
})

/** A unit with what it needs, and what becomes of its result. */
export interface Order<T> {
  readonly unit: Omit<IconsUnit, 'run'> | Omit<SamplesUnit, 'run'> | Omit<TrialsUnit, 'run'>
  readonly classifier: Classifier
  /** The contents of its own parts, in the order in which the unit names them. */
  contents(): Promise<readonly Uint8Array[]>
  /**
   * Called by who has sent contents elsewhere and reads them no more: their memory is used for others then. Whoever keeps them
   * never calls it.
   */
  readonly release?: (contents: readonly Uint8Array[]) => void
  /** The contents of the parts that other units have too, in the same order. */
  readonly shared: readonly Uint8Array[]
  /** Icons or samples in it. */
  readonly items: number
  /** Most bytes that its result may have. */
  readonly resultBytes: number
  /** @throws RefusedResult when the bytes are not a result of this unit */
  accept(result: Uint8Array): T
}
