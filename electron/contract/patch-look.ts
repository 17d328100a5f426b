import { z } from 'zod'
import { Unit } from './values.ts'

export const BlendMode = z.enum(['normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'difference'])
export type BlendMode = z.infer<typeof BlendMode>

/** The fields of a look, for the schemas that contain one. */
export const lookShape = {
  /** Degrees, clockwise, about the patch's centre. */
  rotation: z.number().min(-360).max(360).default(0),
  /** 0 (invisible) to 1. */
  opacity: Unit.default(1),
  /** On sRGB values, by the formulas of W3C Compositing and Blending. */
  blend: BlendMode.default('normal'),
  /**
   * Which part of its rectangle is visible. `alpha`: by the patch's own transparency, all of an opaque one. `square`:
   * the whole rectangle, transparent pixels as neutral grey. `circle`: the ellipse within it.
   */
  mask: z.enum(['alpha', 'square', 'circle']).default('alpha'),
  /** Share of the half edge over which the mask fades out, from its rim inwards. */
  feather: Unit.default(0),
  /**
   * `kept`: the patch's own proportions in the square that the network sees. `square`: squeezed into a square there, as
   * in the article. `photograph`: its own proportions on the photograph, so that both are squeezed together.
   */
  aspect: z.enum(['kept', 'square', 'photograph']).default('kept'),
}

/**
 * How a patch looks on a photograph, wherever it is placed and however large: crafted in the editor, measured by sweeps,
 * experiments and suggestions.
 */
export const PatchLook = z.object(lookShape).readonly()
export type PatchLook = z.infer<typeof PatchLook>

/** The look of a patch that nobody has crafted: upright, opaque, with its own transparency and proportions. */
export const PLAIN_LOOK: PatchLook = PatchLook.parse({})

/** The look alone, of a placement or of options that contain one. */
export const lookOf = ({ rotation, opacity, blend, mask, feather, aspect }: PatchLook): PatchLook => ({
  rotation,
  opacity,
  blend,
  mask,
  feather,
  aspect,
})

/** Whether two looks give the same pixels by their parameters alone. */
export const sameLook = (a: PatchLook, b: PatchLook): boolean =>
  a.rotation === b.rotation &&
  a.opacity === b.opacity &&
  a.blend === b.blend &&
  a.mask === b.mask &&
  a.feather === b.feather &&
  a.aspect === b.aspect

const ASPECTS = {
  kept: 'aspect preserved',
  square: 'forced square',
  photograph: 'aspect preserved on the photograph',
}
const MASKS = { alpha: '', square: 'square mask', circle: 'circular mask' }
const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`

/** A look in plain words, for forms, captions and reports: `rotated 30°, opacity 80 %, aspect preserved`. */
export function lookText({ rotation, opacity, blend, mask, feather, aspect }: PatchLook): string {
  const degrees = Number(rotation.toFixed(1))
  return [
    degrees === 0 ? '' : `rotated ${degrees}°`.replace('-', '−'),
    opacity === 1 ? '' : `opacity ${percent(opacity)}`,
    blend === 'normal' ? '' : `blend ${blend}`,
    MASKS[mask],
    feather === 0 ? '' : `feather ${percent(feather)} of the half edge`,
    ASPECTS[aspect],
  ]
    .filter(part => part !== '')
    .join(', ')
}
