import { z } from 'zod'
import { AtlasId, Box, Float32s, Int32s, Uint32s } from './values.ts'

/** Samples that are shown at once at most. */
export const MOST_SAMPLES = 2000

export const SampleSearch = z
  .object({
    atlas: AtlasId,
    /** A part of the layout. */
    region: Box,
    /** A part of the path of a photograph, or of the name of its class; empty: all. */
    text: z.string().max(200),
    limit: z.int().min(1).max(MOST_SAMPLES),
  })
  .readonly()
export type SampleSearch = z.infer<typeof SampleSearch>

/** Columns of equal length, by the index of the sample. */
export const FoundSamples = z
  .object({
    /** All that were found; of more than the limit every k-th is given. */
    total: z.int().min(0),
    sample: Uint32s,
    /** Position in the layout, 0 to 1. */
    x: Float32s,
    y: Float32s,
    /** The photograph, and its class by its folder or name: −1 without one. */
    image: Uint32s,
    class: Int32s,
  })
  .readonly()
export type FoundSamples = z.infer<typeof FoundSamples>
