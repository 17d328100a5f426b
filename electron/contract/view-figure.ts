import { z } from 'zod'
import { call } from './call.ts'
import { ExperimentId } from './experiment.ts'
import { PresetNameSchema } from './inversion.ts'
import { Composition } from './placement.ts'
import { SweepId } from './sweep.ts'
import { ClassIndex, ImageId, LayerName, ModelHash, Seed, ShownText, Uint8s } from './values.ts'

/** What a figure of a view without maps shows. Maps are drawn by the window: see figure.ts. */
export const ViewFigure = z.discriminatedUnion('kind', [
  /** `followed`: the position that is shown over size, row-major. */
  z.object({ kind: z.literal('sweep'), sweep: SweepId, followed: z.int().min(0).max(1023) }).readonly(),
  z.object({ kind: z.literal('experiment'), experiment: ExperimentId }).readonly(),
  z.object({ kind: z.literal('suggestion'), suggestion: ExperimentId }).readonly(),
  /** A photograph before and after its patches. */
  z
    .object({
      kind: z.literal('composition'),
      model: ModelHash,
      composition: Composition,
      source: ClassIndex.nullable(),
      target: ClassIndex.nullable(),
    })
    .readonly(),
  /** A photograph beside its activation grid; over it the attribution to a class, if one is given. */
  z
    .object({
      kind: z.literal('image'),
      model: ModelHash,
      image: ImageId,
      layer: LayerName,
      preset: PresetNameSchema,
      seed: Seed,
      class: ClassIndex.nullable(),
    })
    .readonly(),
])
export type ViewFigure = z.infer<typeof ViewFigure>

export const FigureFormat = z.enum(['png', 'svg', 'pdf'])
export type FigureFormat = z.infer<typeof FigureFormat>

/** Width in print. */
export const Millimetres = z.number().min(10).max(2000)
/** Pixels per inch of a PNG. */
export const Dpi = z.number().min(30).max(2400)

export const viewFigureCalls = {
  /** Size in pixels before scaling, and its caption. */
  'view.size': call(
    z.object({ figure: ViewFigure }).readonly(),
    z.object({ width: z.number(), height: z.number() }).readonly(),
  ),
  /** The figure as a file's bytes, on white. */
  'view.draw': call(
    z.object({ figure: ViewFigure, format: FigureFormat, millimetres: Millimetres, dpi: Dpi }).readonly(),
    /** `unset`: the sentence about letters that it shows as boxes; null where all are set. */
    z.object({ bytes: Uint8s, unset: ShownText.nullable() }).readonly(),
  ),
  /** The values behind the figure as CSV. Trials of an experiment are exported by `experiment.export`. */
  'view.table': call(z.object({ figure: ViewFigure }).readonly(), z.object({ csv: z.string() }).readonly()),
} as const
