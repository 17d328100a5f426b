import type { Place } from '../../../contract/placement.ts'

/** What the trials of one photograph are numbered by: so many patches, at these sizes and places. */
export interface Axes {
  readonly sizes: readonly number[]
  readonly places: readonly Place[]
}

/** A variant's parts: the patch's ordinal in the experiment, and indices of the design's sizes and places. */
export interface Variant {
  readonly patch: number
  readonly size: number
  readonly position: number
}

/** The variant that is the photograph alone, without a patch. */
export const ALONE = -1

/** Sizes and positions together: so many variants has each patch. */
export const geometriesOf = ({ sizes, places }: Axes): number => sizes.length * places.length

/** A size and a position as one number, below `geometriesOf`: what a patch's best choice is kept as. */
export const geometryOf = ({ places }: Axes, size: number, position: number): number => size * places.length + position

/** The size and position of a geometry: the inverse of `geometryOf`. */
export const geometryAt = ({ places }: Axes, geometry: number): Omit<Variant, 'patch'> => ({
  size: Math.floor(geometry / places.length),
  position: geometry % places.length,
})

/** A composition's number among the trials of a photograph: patch by patch, size by size, position by position. */
export const variantOf = (axes: Axes, { patch, size, position }: Variant): number =>
  patch * geometriesOf(axes) + geometryOf(axes, size, position)

/** The parts of a variant: the inverse of `variantOf`. @throws Error for the photograph alone, which has no patch */
export const variantAt = (axes: Axes, variant: number): Variant => {
  if (variant < 0) throw new Error('the photograph alone has no patch, size or position')
  const geometries = geometriesOf(axes)
  return { patch: Math.floor(variant / geometries), ...geometryAt(axes, variant % geometries) }
}

/** The variants of one patch: from, and below. */
export const variantsOfPatch = (axes: Axes, patch: number): { readonly from: number; readonly below: number } => ({
  from: patch * geometriesOf(axes),
  below: (patch + 1) * geometriesOf(axes),
})

/** How many variants a photograph has, without the photograph alone. */
export const variantCount = (axes: Axes, patches: number): number => patches * geometriesOf(axes)

/** How the trials of one model are numbered in columns, [photographs, patches, geometries]. */
export interface Shape {
  readonly patches: number
  /** Sizes × positions, size by size. */
  readonly geometries: number
}

/** Where a trial is in the columns, from its parts. @param geometry as `geometryOf` numbers it */
export const trialAt = ({ patches, geometries }: Shape, photograph: number, patch: number, geometry: number): number =>
  (photograph * patches + patch) * geometries + geometry

/** Where a trial is in the columns, from its variant. */
export const trialOf = ({ patches, geometries }: Shape, photograph: number, variant: number): number =>
  photograph * patches * geometries + variant
