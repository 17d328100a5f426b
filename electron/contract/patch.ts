import { z } from 'zod'
import { PresetNameSchema } from './inversion.ts'
import { Composition } from './placement.ts'
import {
  AtlasId,
  Box,
  CellRef,
  ClassIndex,
  FilePath,
  IconKey,
  ImageId,
  LayerName,
  ModelHash,
  PatchId,
  Seed,
  ShownText,
  Time,
  Uint8s,
} from './values.ts'

/** What a patch is made from. Pictures keep their transparency. */
export const PatchSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), file: FilePath }).readonly(),
  /** An encoded picture: from the clipboard. */
  z.object({ kind: z.literal('bytes'), name: z.string().min(1).max(200), bytes: Uint8s }).readonly(),
  /** A region of a photograph of the project, at the photograph's own resolution. */
  z.object({ kind: z.literal('region'), image: ImageId, box: Box }).readonly(),
  z.object({ kind: z.literal('icon'), icon: IconKey }).readonly(),
])
export type PatchSource = z.infer<typeof PatchSource>

/** What an inverted patch shall show: a cell's mean activation, one channel, or what a class's logit is read from. */
export const PatchDirection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cell'), cell: CellRef }).readonly(),
  z.object({ kind: z.literal('channel'), layer: LayerName, channel: z.int().min(0) }).readonly(),
  /** The class's weights at the last layer before the global average: for models that end so. */
  z.object({ kind: z.literal('class'), class: ClassIndex }).readonly(),
])
export type PatchDirection = z.infer<typeof PatchDirection>

/** An order to make a patch by inversion; a job. */
export const PatchOrder = z
  .object({
    model: ModelHash,
    direction: PatchDirection,
    preset: PresetNameSchema,
    seed: Seed,
    steps: z.int().min(1).max(16_384).optional(),
    /** Edge in pixels. */
    size: z.int().min(32).max(512).optional(),
  })
  .readonly()
export type PatchOrder = z.infer<typeof PatchOrder>

/** A patch of the gallery. Its picture is the `patch` of pictures.ts. */
export const PatchRecord = z
  .object({
    id: PatchId,
    name: ShownText,
    width: z.int().positive(),
    height: z.int().positive(),
    /** Whether any of its pixels is not opaque. */
    transparent: z.boolean(),
    /** The source of the patch, as it is shown: `region of n02066245_grey_whale.jpg`. */
    kind: z.enum(['file', 'bytes', 'region', 'icon', 'inversion', 'noise', 'mean', 'shuffled']),
    origin: ShownText,
    created: Time,
  })
  .readonly()
export type PatchRecord = z.infer<typeof PatchRecord>

/** One class of a prediction. */
export const ClassPrediction = z.object({ index: ClassIndex, probability: z.number(), logit: z.number() }).readonly()
export type ClassPrediction = z.infer<typeof ClassPrediction>

/** A prediction: the strongest classes, strongest first, and the pinned ones, in their order. */
export const Predictions = z
  .object({ top: z.array(ClassPrediction).readonly(), pinned: z.array(ClassPrediction).readonly() })
  .readonly()
export type Predictions = z.infer<typeof Predictions>

/** Raw pixels as the network was given them, 8-bit sRGB with an opaque alpha: what `ImageData` takes. */
export const Pixels = z.object({ width: z.int().positive(), height: z.int().positive(), rgba: Uint8s }).readonly()
export type Pixels = z.infer<typeof Pixels>

export const ComposeInput = z
  .object({
    model: ModelHash,
    composition: Composition,
    top: z.int().min(1).max(100),
    pinned: z.array(ClassIndex).max(16).readonly(),
  })
  .readonly()

/** What is shown is exactly what was classified. */
export const Composed = z
  .object({
    pixels: Pixels,
    /** Of the photograph alone. Both follow, after the pinned classes, those that lead before or after. */
    before: Predictions,
    after: Predictions,
    /** A sentence for each patch of which nothing is visible. */
    notes: z.array(ShownText).readonly(),
  })
  .readonly()
export type Composed = z.infer<typeof Composed>

/** Where one unit under the patches has gone on the map of a layer. */
export const Movement = z
  .object({
    row: z.int().min(0),
    column: z.int().min(0),
    /** On the layout, 0 to 1; it may lie where no cell is. */
    before: z.object({ x: z.number(), y: z.number(), unlikeAnything: z.boolean() }).readonly(),
    after: z.object({ x: z.number(), y: z.number(), unlikeAnything: z.boolean() }).readonly(),
    /** 1 − cosine between the two activations: how far it moved in the layer itself. */
    change: z.number(),
  })
  .readonly()
export type Movement = z.infer<typeof Movement>

export const Movements = z
  .object({
    atlas: AtlasId,
    layer: LayerName,
    /** Units of which at least half of the pixels changed, of all units; at most 16 are placed, spread evenly. */
    covered: z.int().min(0),
    units: z.int().min(0),
    moved: z.array(Movement).readonly(),
  })
  .readonly()
export type Movements = z.infer<typeof Movements>

export const PictureFile = z
  .object({
    model: ModelHash,
    composition: Composition,
    /** `input`: the pixels that the network takes. `full`: the photograph's own. */
    resolution: z.enum(['input', 'full']),
    file: FilePath,
  })
  .readonly()
