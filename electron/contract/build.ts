import { z } from 'zod'
import { InversionSchema, RecordedPreset } from './inversion.ts'
import { LayoutParams } from './layout.ts'

export const PoolDerivative = z.enum(['exact', 'relaxed-l2', 'relaxed-avg'])

/**
 * Whether positions are drawn on the outermost units of the coarsest layer too. There padding counts as much as the
 * photograph, so that activations are of the frame's edge as much as of what is shown; without them, of 7 × 7 units the
 * outer 24 are never seen: half of the frame.
 */
export const Border = z.enum(['exclude', 'include'])
export type Border = z.infer<typeof Border>

/** How much of the frame is sampled. */
export const Coverage = z
  .object({
    /** Of the coarsest layer. */
    units: z.int().positive(),
    /** Share of the units that can be sampled. */
    reachable: z.number().min(0).max(1),
    /** Share of the units that are sampled in each photograph. */
    perPhotograph: z.number().min(0).max(1),
    border: Border,
  })
  .readonly()
export type Coverage = z.infer<typeof Coverage>

/** `samples reach 51 % of the frame (its edge excluded), 2 % of it in each photograph`. */
export const coverageText = ({ reachable, perPhotograph, border }: Coverage): string =>
  `samples reach ${Math.round(100 * reachable)} % of the frame (${border === 'exclude' ? 'its edge excluded' : 'its edge included'}), ${(100 * perPhotograph).toFixed(0)} % of it in each photograph`

/** All parameters of the atlases of a project, apart from the model and the photographs. */
export const AtlasParams = z.object({
  /** Layers to build, by name. Positions are drawn for all named layers, so that building fewer changes nothing. */
  layers: z.array(z.string()).min(1),
  positionsPerImage: z.int().min(1).max(25),
  /** Absent: `exclude`, so that keys of earlier projects stay. */
  border: Border.optional(),
  /** Seed of positions and icons. */
  seed: z.int().min(0),
  layout: LayoutParams,
  layoutSeed: z.int().min(0),
  /** Cells along an edge; `auto`: from 10 on, each twice the one before, as far as the samples of a layout fill them. */
  grids: z.union([z.array(z.int().min(1).max(1280)).min(1), z.literal('auto')]),
  /**
   * Minimum number of samples of a shown cell; cells with fewer are hidden, but counted. The notebook shows cells with more
   * than 10.
   */
  minSamples: z.int().min(1),
  /** How max-pooling is differentiated in attributions. */
  attribution: PoolDerivative,
  /** Ridge of the whitening, as a fraction of the mean diagonal element of the second moment. */
  ridge: z.number().min(0),
  preset: RecordedPreset,
  inversion: InversionSchema,
})
export type AtlasParams = z.infer<typeof AtlasParams>

/** What a build is run again from: absolute paths, and everything that decides its outcome. */
export const BuildJob = z.object({
  /** Path of the model when the job was started. */
  model: z.string(),
  /** Key of the classifier that the job runs with. Jobs of earlier versions have none. */
  classifier: z.string().optional(),
  folders: z.array(z.string()).min(1),
  /** What new layouts are called; after their parameters by default. */
  name: z.string().min(1).optional(),
  params: AtlasParams,
})
export type BuildJob = z.infer<typeof BuildJob>

/** What atlases on a new layout of existing samples are made from. */
export const LayoutJob = z.object({
  /** Path of the model the samples were drawn with, and the key of its classifier, as for a build. */
  model: z.string(),
  classifier: z.string().optional(),
  /** Key of the sample set. */
  samples: z.string(),
  /** What the layouts are called. */
  name: z.string().min(1).optional(),
  params: AtlasParams,
})
export type LayoutJob = z.infer<typeof LayoutJob>

/** Positions that the window and the command line sample in one photograph at most. */
export const MAX_POSITIONS = 25
