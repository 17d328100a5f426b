import { z } from 'zod'
import { LayoutParams } from '../../contract/layout.ts'

/** The version that this Portolan writes; the first had no layouts, the second no names. A later one is refused. */
export const VERSION = 3

const Count = z.int().min(0)
/** Names stand in sentences: one of a hundred thousand letters is none. */
const Name = z.string().min(1).max(1000)
const Share = z.number().min(0).max(1)

/** A compressed piece of the file. Offsets are from its beginning; rows are samples, from `start` on. */
const Section = z.object({
  part: z.enum(['photographs', 'names', 'samples', 'range', 'activations', 'attributions', 'layout']),
  layer: z.string().optional(),
  /** Which one of the contents' layouts. */
  layout: Count.optional(),
  start: Count,
  count: Count,
  offset: Count,
  length: Count,
})
export type Section = z.infer<typeof Section>

const Layer = z.object({
  name: Name,
  tensor: Name,
  channels: z
    .int()
    .min(1)
    .max(2 ** 20),
  /** What 8 bits have cost: see quantise.ts. */
  loss: z.object({ relativeRms: z.number().min(0), meanCosine: z.number(), leastCosine: z.number() }),
  /** Null where the attributions follow from the activations (the closed form), or were never taken. */
  attribution: z
    .object({
      /** Share of Σ|attribution| that the strongest hold; null where only the strongest were known before, too. */
      share: Share.nullable(),
    })
    .nullable(),
})

/** Where the samples lie on the map of a layer, and what made it. Its section has x and y of every sample, float32. */
const Layout = z.object({
  layer: Name,
  name: Name,
  params: LayoutParams,
  seed: Count,
  trustworthiness: Share.nullable(),
  notes: z.json(),
})

/**
 * What a samples file says of itself. It stands at the end, so that a file is written in one go.
 * No picture is in the file. Photographs are known by their number and size, and by name and hash where that was asked
 * for: then whoever has the same photographs sees them behind the samples.
 */
const Form = z.object({
  format: z.literal('portolan samples'),
  version: z.int().min(1),
  model: z.object({
    name: Name,
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    preprocessing: z.json(),
    /** Tensor that the attributions are to; earlier versions did not say. */
    logits: Name.optional(),
  }),
  /** Key of the set of samples in the project that it was written from, and of its photographs. */
  set: Name,
  images: Name,
  samples: Count,
  photographs: Count,
  /** Bytes of the names; null where photographs have none. */
  names: Count.nullable().default(null),
  seed: Count,
  perImage: z.int().min(1),
  attribution: z
    .object({
      kind: z.enum(['exact', 'relaxed-l2', 'relaxed-avg']),
      classes: z.int().min(1).max(65_535),
      /** Values of each sign that were kept per sample. */
      kept: z.int().min(1).max(65_535),
    })
    .nullable(),
  activation: z.object({ bits: z.literal(8), rule: z.literal('(byte - zero) * scale, per channel') }),
  layers: z.array(Layer).min(1),
  layouts: z.array(Layout).default([]),
  sections: z.array(Section),
})
export type Contents = z.infer<typeof Form>

/** What does not fit together, although each part has its form: a file may be well signed and wrong. */
const contradictions = ({ layers, layouts, attribution }: Contents): string[] => {
  const known = new Set(layers.map(({ name }) => name))
  return [
    ...repeated(layers.map(({ name }) => name)).map(name => `layer "${name}" is named twice`),
    ...repeated(layers.map(({ tensor }) => tensor)).map(tensor => `tensor "${tensor}" is named twice`),
    ...repeated(layouts.map(({ layer, name }) => `${name} of ${layer}`)).map(name => `layout ${name} is named twice`),
    ...layouts
      .filter(({ layer }) => !known.has(layer))
      .map(({ layer }) => `there is a layout of "${layer}", and no such layer`),
    ...(attribution === null && layers.some(layer => layer.attribution !== null)
      ? ['a layer has attributions, and nothing says of what kind']
      : []),
  ]
}

const repeated = (names: readonly string[]): string[] => names.filter((name, at) => names.indexOf(name) !== at)

export const Contents = Form.superRefine((contents, context) => {
  for (const message of contradictions(contents)) context.addIssue({ code: 'custom', message })
})

/** What the names section holds as JSON: of every photograph, in order, its path below its folder and its SHA-256. */
export const Names = z.array(
  z.object({
    // A path that leaves its folder is no name.
    relative: z
      .string()
      .min(1)
      .max(4096)
      .refine(path => !path.startsWith('/') && !path.split(/[\\/]/).includes('..'), 'leaves its folder'),
    class: z.string().nullable(),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
)
export type Names = z.infer<typeof Names>
export type LayerContents = Contents['layers'][number]
