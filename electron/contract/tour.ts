import { z } from 'zod'
import { call } from './call.ts'
import { PatchLook } from './placement.ts'
import { ClassIndex, ImageId, LayerName, ModelHash, PatchId, Unit } from './values.ts'

const nothing = z.object({}).readonly()

/** What the tour of the demo shows: a patch that changes the class that the network predicts. */
export const Tour = z
  .object({
    model: ModelHash,
    /** The layer of the atlas that it starts with. */
    layer: LayerName,
    /** The class of the photographs, and the one predicted with the patch on them. */
    source: ClassIndex,
    target: ClassIndex,
    /** The photograph that the patch is shown on. */
    image: ImageId,
    patch: PatchId,
    x: Unit,
    y: Unit,
    size: Unit,
    look: PatchLook,
  })
  .readonly()
export type Tour = z.infer<typeof Tour>

/** Probabilities of both classes, and whether the target is the strongest of all. */
const Reading = z.object({ source: Unit, target: Unit, taken: z.boolean() }).readonly()

/** Predictions for every photograph that is labelled and classified as the source. */
export const Measured = z
  .object({
    /** Photographs that are labelled as the source, whatever the network predicts. */
    labelled: z.int().min(0),
    photographs: z
      .array(
        z
          .object({
            image: ImageId,
            before: Reading,
            /** With the patch, and with that of its controls in its place that comes nearest to the target. */
            patched: Reading,
            control: Reading,
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
export type Measured = z.infer<typeof Measured>

export const tourCalls = {
  /** Null in projects other than the demo. */
  'tour.find': call(nothing, Tour.nullable()),
  /** Runs the network at each call. */
  'tour.measure': call(nothing, Measured),
} as const
