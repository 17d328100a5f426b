import { z } from 'zod'
import { LayoutParams } from '../../contract/layout.ts'
import { BOUNDS } from '../bounds/bounds.ts'

/**
 * The current version; the first had no layouts, the second no names, the third another name for the minimum cosine. A later
 * version is refused.
 */
export const VERSION = 4

/** Attributions of each sign that an export stores per sample. */
export const KEPT = 20

const Count = z.int().min(0)
/** Names are printed in messages, so their length is limited. */
const Name = z.string().min(1).max(1000)
/** A mean of shares may exceed 1 by rounding. */
const ROUNDING = 1e-6
const Share = z
  .number()
  .min(-ROUNDING)
  .max(1 + ROUNDING)

/** A compressed piece of the file. Offsets are from its start; rows are samples, from `start` on. */
const Section = z.object({
  part: z.enum(['photographs', 'names', 'samples', 'range', 'activations', 'attributions', 'layout']),
  layer: z.string().optional(),
  /** Index of the layout in the contents. */
  layout: Count.optional(),
  start: Count,
  count: Count,
  offset: Count,
  length: Count,
})
export type Section = z.infer<typeof Section>

/** Loss of the quantisation to 8 bits: see quantise.ts. Up to version 3 the minimum cosine was called `leastCosine`. */
const Loss = z.preprocess(
  value => {
    if (typeof value !== 'object' || value === null || !('leastCosine' in value)) return value
    const { leastCosine: minCosine, ...others } = value
    return { ...others, minCosine }
  },
  z.object({ relativeRms: z.number().min(0), meanCosine: z.number(), minCosine: z.number() }),
)

const Layer = z.object({
  name: Name,
  tensor: Name,
  channels: z
    .int()
    .min(1)
    .max(2 ** 20),
  loss: Loss,
  /** Null if the attributions follow from the activations (the closed form), or were not computed. */
  attribution: z
    .object({
      /** Share of Σ|attribution| of the stored values; null if the project stored only the strongest, too. */
      share: Share.nullable(),
    })
    .nullable(),
})

/** A layout of a layer with its parameters. Its section has x and y of every sample, float32. */
const Layout = z.object({
  layer: Name,
  name: Name,
  params: LayoutParams,
  seed: Count,
  trustworthiness: Share.nullable(),
  notes: z.record(z.string(), z.json()),
})

/**
 * The contents of a samples file. They are at its end, so that a file is written sequentially.
 * The file contains no pictures. It lists photographs by number and size, and with `names` by name and hash, so that they
 * can be linked on a machine that has them.
 */
const Form = z.object({
  format: z.literal('portolan samples'),
  version: z.int().min(1),
  model: z.object({
    name: Name,
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    preprocessing: z.json(),
    /** Tensor of the logits of the attributions; earlier versions did not store it. */
    logits: Name.optional(),
  }),
  /** Keys of the set of samples in the exported project, and of its photographs. */
  set: Name,
  images: Name,
  samples: Count,
  photographs: Count,
  /** Bytes of the names; null without names. */
  names: Count.nullable().default(null),
  seed: Count,
  perImage: z.int().min(1),
  attribution: z
    .object({
      kind: z.enum(['exact', 'relaxed-l2', 'relaxed-avg']),
      classes: z.int().min(1).max(65_535),
      /** Values of each sign that are stored per sample. */
      kept: z.int().min(1).max(65_535),
    })
    .nullable(),
  activation: z.object({ bits: z.literal(8), rule: z.literal('(byte - zero) * scale, per channel') }),
  layers: z.array(Layer).min(1),
  layouts: z.array(Layout).default([]),
  sections: z.array(Section),
})
export type Contents = z.infer<typeof Form>

/**
 * Contradictions between parts that are valid by themselves, and what would not fit in memory: a file with a valid
 * checksum may still be wrong.
 */
const contradictions = (contents: Contents): string[] => {
  const { layers, layouts, attribution } = contents
  const names = new Set(layers.map(({ name }) => name))
  return [
    ...repeated(layers.map(({ name }) => name)).map(name => `layer "${name}" is listed twice`),
    ...repeated(layers.map(({ tensor }) => tensor)).map(tensor => `tensor "${tensor}" is listed twice`),
    ...repeated(layouts.map(({ layer, name }) => `${name} of ${layer}`)).map(name => `layout ${name} is listed twice`),
    ...layouts
      .filter(({ layer }) => !names.has(layer))
      .map(({ layer }) => `a layout is of "${layer}", which is not a layer of the file`),
    ...(contents.photographs > contents.samples
      ? [`it lists ${contents.photographs} photographs for ${contents.samples} samples`]
      : []),
    ...(contents.photographs > BOUNDS.samplesPhotographs
      ? [`it has ${contents.photographs} photographs, and this machine has memory for ${BOUNDS.samplesPhotographs}`]
      : []),
    ...((contents.names ?? 0) > BOUNDS.namesBytes ? [`its names take more than ${BOUNDS.namesBytes} bytes`] : []),
    ...(attribution !== null && attribution.kept > Math.max(KEPT, attribution.classes)
      ? [`it has ${attribution.kept} attributions of each sign for ${attribution.classes} classes`]
      : []),
    ...(attribution === null && layers.some(layer => layer.attribution !== null)
      ? ['a layer has attributions of an unspecified kind']
      : []),
  ]
}

const repeated = (names: readonly string[]): string[] => names.filter((name, at) => names.indexOf(name) !== at)

export const Contents = Form.superRefine((contents, context) => {
  for (const message of contradictions(contents)) context.addIssue({ code: 'custom', message })
})

/** The JSON of the names section: relative path and SHA-256 of every photograph, in order. */
export const Names = z.array(
  z.object({
    // A path outside of the folder is refused.
    relative: z
      .string()
      .min(1)
      .max(4096)
      .refine(path => !path.startsWith('/') && !path.split(/[\\/]/).includes('..'), 'leaves its folder')
      .refine(path => !path.includes('\0'), 'is not a path'),
    class: z.string().max(4096).nullable(),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
)
export type Names = z.infer<typeof Names>
export type LayerContents = Contents['layers'][number]
