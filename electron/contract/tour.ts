import { z } from 'zod'
import { call } from './call.ts'
import { PatchId, PatchLook } from './patch.ts'
import { ClassIndex, ImageId, ModelHash, Unit } from './values.ts'

const nothing = z.object({}).readonly()

/** What the tour of the demo leads through: one patch that makes a network take one thing for another. */
export const Tour = z
  .object({
    model: ModelHash,
    /** The layer whose atlas it begins with. */
    layer: z.string(),
    /** What the photographs show, and what they are taken for with the patch on them. */
    source: ClassIndex,
    target: ClassIndex,
    /** The photograph that it is shown on. */
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

/** What the network says of every photograph that is labelled as the source and that it takes for it. */
export const Measured = z
  .object({
    /** Photographs that are labelled as the source. */
    labelled: z.int().min(0),
    photographs: z
      .array(
        z
          .object({
            image: ImageId,
            before: Reading,
            /** With the patch, and with a square of its mean colour in its place. */
            patched: Reading,
            plain: Reading,
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
export type Measured = z.infer<typeof Measured>

export const tourCalls = {
  /** Null in a project that the tour is not of. */
  'tour.find': call(nothing, Tour.nullable()),
  /** Measured when it is asked for, with the network. */
  'tour.measure': call(nothing, Measured),
} as const
