import { z } from 'zod'
import { SampleCrop, Variant } from './atlas.ts'
import { call } from './call.ts'
import { PresetNameSchema } from './inversion.ts'
import { ClassIndex, GridRef, Seed } from './values.ts'

/** The mean attribution of all samples of a selection to one class, logits. */
export const SelectionClass = z
  .object({
    index: ClassIndex,
    value: z.number(),
    /** The ends of its interval over photographs; null with too few of them. */
    low: z.number().nullable(),
    high: z.number().nullable(),
    /** Cells of the selection among whose ten strongest classes of this sign it is. */
    cells: z.int().min(0),
  })
  .readonly()
export type SelectionClass = z.infer<typeof SelectionClass>

/** Several cells of a grid taken together. */
export const SelectionSummary = z
  .object({
    cells: z.int().min(1),
    samples: z.int().min(1),
    /** Different photographs that the samples are of; copies count once. */
    photographs: z.int().min(1),
    /** Largest and smallest means, largest and smallest first. */
    for: z.array(SelectionClass).readonly(),
    against: z.array(SelectionClass).readonly(),
    /** Classes of the network: the intervals hold for all of them at once, since the listed ones were chosen among them. */
    tested: z.int().min(1),
    /** Samples whose attribution to every listed class is known; others count as 0. */
    known: z.int().min(0),
    /** Samples nearest to the mean activation, nearest first. */
    nearest: z.array(SampleCrop).readonly(),
    /** Samples that were compared with the mean activation. */
    compared: z.int().min(0),
  })
  .readonly()
export type SelectionSummary = z.infer<typeof SelectionSummary>

/** Cells by their index in `Cells`. */
const selection = { ...GridRef.unwrap().shape, cells: z.array(z.int().min(0)).min(1).max(4096).readonly() }

/** Calls about several cells taken together. */
export const selectionCalls = {
  'selection.summary': call(
    z.object({ ...selection, classes: z.int().min(1).max(10), nearest: z.int().min(0).max(200) }).readonly(),
    SelectionSummary,
  ),
  /** Renders the mean activation of all samples of the selection; returns when it is finished. */
  'selection.icon': call(
    z.object({ ...selection, preset: PresetNameSchema, seed: Seed, size: z.int().min(32).max(512) }).readonly(),
    Variant,
  ),
} as const
