import { z } from 'zod'
import { ImageId, PatchId, Unit } from './values.ts'

export const BlendMode = z.enum(['normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'difference'])
export type BlendMode = z.infer<typeof BlendMode>

/** The fields of a look. */
const lookShape = {
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

/** The default look of a patch: upright, opaque, with its own transparency and proportions. */
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

/**
 * A patch placed on a photograph: its look, where it is, and how large. Shares are those of what the network sees: for
 * most models the whole photograph.
 */
export const PatchPlacement = z
  .object({
    ...lookShape,
    patch: PatchId,
    /** Centre; beyond 0…1 it lies partly or wholly outside. */
    x: z.number().min(-4).max(5),
    y: z.number().min(-4).max(5),
    /** Longer edge. The article's squares have ⌊size · 224⌋ pixels; below one pixel nothing is pasted. */
    size: z.number().min(0).max(4),
    /** `surroundings`: not the patch, but what is under it, filled in from its surroundings: a control. */
    fill: z.enum(['patch', 'surroundings']).optional(),
    /** A hidden patch stays in the list. */
    hidden: z.boolean().default(false),
  })
  .readonly()
export type PatchPlacement = z.infer<typeof PatchPlacement>

/** A photograph with patches on it, the first at the bottom. */
export const Composition = z.object({ image: ImageId, patches: z.array(PatchPlacement).max(64).readonly() }).readonly()
export type Composition = z.infer<typeof Composition>

/** Width and height of a patch as shares of the square that the network sees. */
export interface Extent {
  readonly width: number
  readonly height: number
}

/**
 * How large a patch comes out.
 * @param picture of the patch, in pixels
 * @param seen    what of the photograph the network sees, in the photograph's own pixels
 */
export const extentOf = (
  { size, aspect }: Pick<PatchPlacement, 'size' | 'aspect'>,
  picture: { readonly width: number; readonly height: number },
  seen: { readonly width: number; readonly height: number },
): Extent => {
  if (aspect === 'square') return { width: size, height: size }
  const squeezed = aspect === 'photograph' ? seen.height / seen.width : 1
  const ratio = (picture.width / picture.height) * squeezed
  return ratio >= 1 ? { width: size, height: size / ratio } : { width: size * ratio, height: size }
}

/** Where a patch lies within the square: (0, 0) flush with the top left corner, (1, 1) with the bottom right, as in the article. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** Centre of a patch of some extent at a place. */
export const placeWithin = (at: Place, { width, height }: Extent): Place => ({
  x: at.x * (1 - width) + width / 2,
  y: at.y * (1 - height) + height / 2,
})

/** The article's four corners, by `placeWithin`. */
export const corners = [
  { name: 'top left', x: 0, y: 0 },
  { name: 'top right', x: 1, y: 0 },
  { name: 'bottom left', x: 0, y: 1 },
  { name: 'bottom right', x: 1, y: 1 },
] as const

/** The places of a plan. */
export const Positions = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), x: Unit, y: Unit }).readonly(),
  z.object({ kind: z.literal('corners') }).readonly(),
  /** n × n, corners included. */
  z.object({ kind: z.literal('grid'), n: z.int().min(1).max(16) }).readonly(),
])
export type Positions = z.infer<typeof Positions>

/** Every place of a plan, in the order in which trials count them: row by row. */
export function placesOf(positions: Positions): readonly Place[] {
  switch (positions.kind) {
    case 'fixed':
      return [{ x: positions.x, y: positions.y }]
    case 'corners':
      return corners.map(({ x, y }) => ({ x, y }))
    case 'grid': {
      const { n } = positions
      const at = (k: number): number => (n === 1 ? 0.5 : k / (n - 1))
      return Array.from({ length: n * n }, (_, k) => ({ x: at(k % n), y: at(Math.floor(k / n)) }))
    }
  }
}

/**
 * A patch with its look and size at a place of a plan.
 * @param size    longer edge, as a share of the square that the network sees
 * @param picture of the patch, in pixels
 * @param seen    what of the photograph the network sees, in the photograph's own pixels
 */
export function placementAt(
  {
    patch,
    look,
    size,
    place,
  }: { readonly patch: number; readonly look: PatchLook; readonly size: number; readonly place: Place },
  picture: { readonly width: number; readonly height: number },
  seen: { readonly width: number; readonly height: number },
): PatchPlacement {
  const extent = extentOf({ size, aspect: look.aspect }, picture, seen)
  return { ...look, ...placeWithin(place, extent), size, hidden: false, patch }
}
