import { z } from 'zod'
import { PresetNameSchema } from './inversion.ts'
import { lookShape } from './patch-look.ts'
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
  Seed,
  ShownText,
  Time,
  Uint8s,
} from './values.ts'

/** A picture that can be pasted on photographs, kept in the project. */
export const PatchId = z.int().positive()

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
    origin: z.string(),
    created: Time,
  })
  .readonly()
export type PatchRecord = z.infer<typeof PatchRecord>

/**
 * A patch placed on a photograph: its look, where it is, and how large. Shares are those of what the network sees: for
 * most models the whole photograph.
 */
export const PatchPlacement = z
  .object({
    ...lookShape,
    patch: PatchId,
    /** Centre; beyond 0…1 it lies partly or wholly outside. */
    x: z.number().min(-4).max(5),
    y: z.number().min(-4).max(5),
    /** Longer edge. The article's squares have ⌊size · 224⌋ pixels; below one pixel nothing is pasted. */
    size: z.number().min(0).max(4),
    /** A hidden patch stays in the list. */
    hidden: z.boolean().default(false),
  })
  .readonly()
export type PatchPlacement = z.infer<typeof PatchPlacement>

/** How and where a patch is placed, whichever patch it is. */
export type Placement = Omit<PatchPlacement, 'patch'>

/** A photograph with patches on it, the first at the bottom. */
export const Composition = z.object({ image: ImageId, patches: z.array(PatchPlacement).max(64).readonly() }).readonly()
export type Composition = z.infer<typeof Composition>

/** Width and height of a patch as shares of the square that the network sees. */
export interface Extent {
  readonly width: number
  readonly height: number
}

/**
 * How large a patch comes out.
 * @param picture of the patch, in pixels
 * @param seen    what of the photograph the network sees, in the photograph's own pixels
 */
export const extentOf = (
  { size, aspect }: Pick<PatchPlacement, 'size' | 'aspect'>,
  picture: { readonly width: number; readonly height: number },
  seen: { readonly width: number; readonly height: number },
): Extent => {
  if (aspect === 'square') return { width: size, height: size }
  const squeezed = aspect === 'photograph' ? seen.height / seen.width : 1
  const ratio = (picture.width / picture.height) * squeezed
  return ratio >= 1 ? { width: size, height: size / ratio } : { width: size * ratio, height: size }
}

/** Centre of a patch that lies within: (0, 0) flush with the top left corner, (1, 1) with the bottom right, as in the article. */
export const placeWithin = (at: { readonly x: number; readonly y: number }, { width, height }: Extent) => ({
  x: at.x * (1 - width) + width / 2,
  y: at.y * (1 - height) + height / 2,
})

/** The article's four corners, by `placeWithin`. */
export const corners = [
  { name: 'top left', x: 0, y: 0 },
  { name: 'top right', x: 1, y: 0 },
  { name: 'bottom left', x: 0, y: 1 },
  { name: 'bottom right', x: 1, y: 1 },
] as const

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
    /** Of the photograph alone. */
    before: Predictions,
    after: Predictions,
    /** A sentence for each patch of which nothing is visible. */
    notes: z.array(z.string()).readonly(),
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
