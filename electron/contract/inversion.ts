import { z } from 'zod'

/** One random transform of the image, drawn anew in every step and shared by the batch (Feature Visualization, Distill 2017). */
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

/** What is maximised for one icon; a is the centre unit's activation, v the direction, v' = v·S the whitened one. */
export const ObjectiveSchema = z.discriminatedUnion('kind', [
  /** mean(a·v') · max(.1, mean(a·v')/(1e-4 + ‖a‖))^power: the published one. Its optimum lies along C⁻¹v. */
  z.object({ kind: z.literal('published'), power: z.number().min(0).max(16), whiten: z.boolean() }),
  /** cos(a, v')^power: bounded, and blind to the length of a. */
  z.object({ kind: z.literal('cosine'), power: z.number().min(1).max(16), whiten: z.boolean() }),
])
export type Objective = z.infer<typeof ObjectiveSchema>

/** Everything that decides how an icon comes out, but for model, layer, direction and seed. */
export const InversionSchema = z.object({
  /** Edge of an icon, pixels. */
  size: z.int().min(16).max(512),
  steps: z.int().min(1).max(16_384),
  /** Independent starts; the one with the largest last objective is kept. */
  tries: z.int().min(1).max(16),
  /** Icons inverted together. Short batches are filled up, so that the bytes do not depend on how many there are. */
  batch: z.int().min(1).max(512),
  learningRate: z.number().positive(),
  transforms: TransformsSchema,
  objective: ObjectiveSchema,
  /** Penalty on the outer 5 px: roughness and distance from grey. */
  boundary: z.boolean(),
  /** Lets a gradient through ReLUs that are wholly off, in the first 16 steps: lucid's remedy for grey icons. */
  redirect: z.boolean(),
})
export type Inversion = z.infer<typeof InversionSchema>

export const PresetNameSchema = z.enum(['notebook', 'recipe', 'article', 'preview', 'faithful'])
export type PresetName = z.infer<typeof PresetNameSchema>
