import { z } from 'zod'

/** One random transform of the image, drawn again in every step and shared by the batch (Feature Visualization, Distill 2017). */
export const TransformsSchema = z.object({
  /** Pixels added around the image, and the value that fills them. */
  pad: z.int().min(0).max(64),
  padValue: z.number().min(0).max(1),
  /** Random crops, one after the other; each takes that many pixels from height and width. */
  jitter: z.array(z.int().min(0).max(64)),
  /** One is drawn; the size is truncated to whole pixels; bilinear. */
  scales: z.array(z.number().min(0.25).max(4)).min(1),
  /** Degrees; one is drawn; nearest pixel, filled with 0, the size is kept. */
  angles: z.array(z.number().min(-180).max(180)).min(1),
  /** A last random crop. */
  lastJitter: z.int().min(0).max(64),
  /** Crop or pad (with 0) to the icon's size at the end. */
  fit: z.boolean(),
})
export type Transforms = z.infer<typeof TransformsSchema>

/**
 * An edge that follows from the layer's geometry: the largest odd number of units within `pixels` and within the share
 * `field` of the receptive field, times the stride. Odd, so that the unit H div 2 lies in the middle of the icon.
 */
export const FrameSchema = z.object({ pixels: z.int().min(16).max(512), field: z.number().positive().max(4) })
export type Frame = z.infer<typeof FrameSchema>
export const EdgeSchema = z.union([z.int().min(16).max(512), FrameSchema])
export type Edge = z.infer<typeof EdgeSchema>

/** One affine view of the image in every step, shared by the batch, bilinear; what lies outside the image is grey. */
export const ViewsSchema = z.object({
  /** Edge of the view until a share of the steps is done; a view that grows puts the subject in the middle. */
  views: z.array(z.object({ until: z.number().min(0).max(1), size: EdgeSchema })).min(1),
  /** The view covers its edge times this many pixels of the image; drawn log-uniformly. */
  zoom: z.tuple([z.number().min(0.25).max(4), z.number().min(0.25).max(4)]),
  /** Degrees; drawn as the product of a uniform number in ± this and one in 0 … 1, so that small angles are likelier. */
  rotation: z.number().min(0).max(45),
  /** The view's centre is moved by up to this share of its edge. */
  shift: z.number().min(0).max(0.5),
  /** Until a share of the steps the image is seen through a soft round window: its radius as a share of the edge. */
  window: z.object({ radius: z.number().min(0.05).max(1), until: z.number().min(0).max(1) }).optional(),
})
export type Views = z.infer<typeof ViewsSchema>

/** How the image follows from its spectrum, where that differs from lucid. */
export const ImageSchema = z.object({
  /** Exponent of the frequency by which amplitudes fall: 1 is lucid's; below 1, fine detail is learned faster. */
  falloff: z.number().min(0).max(2),
  /** Factors of the decorrelated colours: light–dark, blue–orange, green–magenta. */
  colour: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  /** Low frequencies first: until a share u of the steps, amplitudes are divided by 1 + (f/(from + growth·(done/u)²))⁴, f in cycles an image. */
  lowPass: z
    .object({ from: z.number().positive(), growth: z.number().min(0), until: z.number().min(0).max(1) })
    .optional(),
})
export type ImageParams = z.infer<typeof ImageSchema>

/** Adam with an epsilon relative to a gradient of norm 1 per icon, weight decay and a schedule. */
export const OptimizerSchema = z.object({
  betas: z.tuple([z.number().min(0).max(0.9999), z.number().min(0).max(0.9999)]),
  /** Relative to the root mean square of an icon's gradient, which is divided out first. */
  epsilon: z.number().positive(),
  /** A step shrinks the spectrum by this times the learning rate. */
  decay: z.number().min(0).max(10),
  /** Steps in which the learning rate rises linearly; then it falls as a cosine to the share `floor`. */
  warmup: z.int().min(0).max(1024),
  floor: z.number().min(0).max(1),
})
export type Optimizer = z.infer<typeof OptimizerSchema>

/** What is maximised for one icon; a is the centre unit's activation, v the direction, v' = v·S the whitened one. */
export const ObjectiveSchema = z.discriminatedUnion('kind', [
  /** mean(a·v') · max(.1, mean(a·v')/(1e-4 + ‖a‖))^power: the published one. Its optimum lies along C⁻¹v. */
  z.object({ kind: z.literal('published'), power: z.number().min(0).max(16), whiten: z.boolean() }),
  /** cos(a, v')^power: bounded, and blind to the length of a. */
  z.object({ kind: z.literal('cosine'), power: z.number().min(1).max(16), whiten: z.boolean() }),
  /**
   * ln q − ln(1 + q/saturation) + power · ln c with c = cos(x, t) and q = x·t/‖t‖², the strength in units of the
   * target's own, where x and t are a and v less a share `centring` of what they have in common with the layer's mean
   * activation m: of their component along m, or, where `centred` is absent as in earlier versions, of m itself.
   */
  z.object({
    kind: z.literal('scale-free'),
    power: z.number().min(0).max(16),
    centring: z.number().min(0).max(1),
    centred: z.literal('along-mean').optional(),
    saturation: z.number().positive(),
    whiten: z.literal(false),
  }),
])
export type Objective = z.infer<typeof ObjectiveSchema>

/**
 * A start from photographs instead of noise: the blurred mean of crops behind the cell, one of each photograph, nearest to
 * its direction. The icon then owes rough colour and light to photographs.
 */
export const StartSchema = z.object({
  kind: z.literal('photographs'),
  /** Crops at most, one of each photograph. */
  crops: z.int().min(2).max(64),
  /** Standard deviation of the blur, px of the icon. */
  blur: z.number().min(1).max(64),
  /** Cells with fewer photographs start from noise: the icon would show its photographs, and not what was optimised. */
  minimum: z.int().min(2).max(64),
})
export type Start = z.infer<typeof StartSchema>

/** What icons can start from. */
export const StartKind = z.enum(['noise', 'photographs'])
export type StartKind = z.infer<typeof StartKind>

/** `photographs (blurred mean of 12 crops)`. */
export const startText = (start: Pick<Start, 'crops'> | undefined): string =>
  start === undefined ? 'noise' : `photographs (blurred mean of ${start.crops} crops)`

/** Everything that decides how an icon comes out, but for model, layer, direction and seed. */
export const InversionSchema = z.object({
  /** Edge of an icon, pixels, or how it follows from the layer. */
  size: EdgeSchema,
  steps: z.int().min(1).max(16_384),
  /** Independent starts; the one with the largest last objective is kept. */
  tries: z.int().min(1).max(16),
  /** Icons inverted together. Short batches are filled up, so that the bytes do not depend on how many there are. */
  batch: z.int().min(1).max(512),
  learningRate: z.number().positive(),
  transforms: z.union([TransformsSchema, ViewsSchema]),
  objective: ObjectiveSchema,
  /** Lucid's image where this is absent. */
  image: ImageSchema.optional(),
  /** Plain Adam (β .9 and .999, ε 1e-8, constant learning rate) where this is absent. */
  optimizer: OptimizerSchema.optional(),
  /** Penalty on the outer 5 px: roughness and distance from grey. */
  boundary: z.boolean(),
  /** Lets a gradient through ReLUs that are wholly off, in the first 16 steps: lucid's remedy for grey icons. */
  redirect: z.boolean(),
  /** Noise where this is absent. */
  start: StartSchema.optional(),
})
export type Inversion = z.infer<typeof InversionSchema>

/** An inversion with the published transforms, and one with views. */
export type WarpInversion = Inversion & { readonly size: number; readonly transforms: Transforms }
export type ViewInversion = Inversion & { readonly transforms: Views }

/** Our own presets, then the three published ones. */
export const PresetNameSchema = z.enum(['draft', 'atlas', 'calm', 'notebook', 'recipe', 'article'])
export type PresetName = z.infer<typeof PresetNameSchema>

/** Presets in projects: older ones have some that are no longer offered. */
export const RecordedPreset = z.enum([...PresetNameSchema.options, 'preview', 'faithful'])
export type RecordedPreset = z.infer<typeof RecordedPreset>
