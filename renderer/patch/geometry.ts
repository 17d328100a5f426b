import type { Extent, PatchPlacement } from '../../electron/contract/placement.ts'
import type { Point } from '../atlas/cells.ts'

/** The placement of a patch in the input square: centre, extent before rotation, degrees clockwise. */
export type Placement = Point & Extent & Pick<PatchPlacement, 'rotation'>

/** The corner handles for scaling, as signs of the half extents. */
export const HANDLES = [
  { x: -1, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 1 },
  { x: -1, y: 1 },
] as const
export type Handle = (typeof HANDLES)[number]

/** The range of a patch's size, as a share of the input square's side. */
export const SIZES = { minimum: 0.01, maximum: 4 } as const

const radians = (degrees: number): number => (degrees * Math.PI) / 180
const clamp = (value: number, minimum: number, maximum: number): number => Math.min(maximum, Math.max(minimum, value))

/** A corner of a rotated patch. */
export function cornerOf(placement: Placement, { x, y }: Handle): Point {
  const [cos, sin] = [Math.cos(radians(placement.rotation)), Math.sin(radians(placement.rotation))]
  const [dx, dy] = [(x * placement.width) / 2, (y * placement.height) / 2]
  return { x: placement.x + cos * dx - sin * dy, y: placement.y + sin * dx + cos * dy }
}

/** Half width and half height of the upright rectangle around a rotated patch. */
export function halfExtentOf({ width, height, rotation }: Omit<Placement, 'x' | 'y'>): Point {
  const [cos, sin] = [Math.abs(Math.cos(radians(rotation))), Math.abs(Math.sin(radians(rotation)))]
  return { x: (cos * width + sin * height) / 2, y: (sin * width + cos * height) / 2 }
}

/** A snapped point, and the lines that it has snapped to: 0, ½ or 1 in each direction. */
interface Snapped extends Point {
  readonly lineX: number | null
  readonly lineY: number | null
}

/** Snaps a patch to edges, corners and the centre within `distance`. */
export function snap(placement: Placement, distance: number): Snapped {
  const reach = halfExtentOf(placement)
  const along = (at: number, half: number) => {
    const [nearest] = [
      { to: half, line: 0 },
      { to: 1 - half, line: 1 },
      { to: 0.5, line: 0.5 },
    ].sort((a, b) => Math.abs(a.to - at) - Math.abs(b.to - at))
    return Math.abs(nearest!.to - at) <= distance ? nearest! : { to: at, line: null }
  }
  const [x, y] = [along(placement.x, reach.x), along(placement.y, reach.y)]
  return { x: x.to, y: y.to, lineX: x.line, lineY: y.line }
}

/** Aligns a patch with the edges in a direction: (−1, 0) is the left edge, at the same height. */
export function flush(placement: Placement, direction: Point): Point {
  const reach = halfExtentOf(placement)
  const along = (at: number, half: number, sign: number): number => (sign === 0 ? at : sign < 0 ? half : 1 - half)
  return { x: along(placement.x, reach.x, direction.x), y: along(placement.y, reach.y, direction.y) }
}

/**
 * Scales by dragging a corner, with the opposite corner or the centre fixed.
 * @param pointer the dragged corner's new position, which is projected on the diagonal
 * @returns the new size and centre
 */
export function scale(
  placement: Placement,
  size: number,
  handle: Handle,
  pointer: Point,
  aboutCentre: boolean,
): { readonly size: number } & Point {
  const grabbed = cornerOf(placement, handle)
  const fixed = aboutCentre ? placement : cornerOf(placement, { x: -handle.x, y: -handle.y } as Handle)
  const [dx, dy] = [grabbed.x - fixed.x, grabbed.y - fixed.y]
  const factorAlong = ((pointer.x - fixed.x) * dx + (pointer.y - fixed.y) * dy) / (dx * dx + dy * dy)
  const next = clamp(size * factorAlong, SIZES.minimum, SIZES.maximum)
  const factor = next / size
  if (aboutCentre) return { size: next, x: placement.x, y: placement.y }
  return { size: next, x: fixed.x + (dx * factor) / 2, y: fixed.y + (dy * factor) / 2 }
}

/** Degrees in (−180, 180]. */
export function normalisedDegrees(degrees: number): number {
  const rest = (((degrees % 360) + 540) % 360) - 180
  return rest === -180 ? 180 : rest
}

/** The rotation at which the handle above a patch points at the pointer, in steps of `step` degrees where it is not 0. */
export function rotationTowards(centre: Point, pointer: Point, step: number): number {
  const degrees = (Math.atan2(pointer.y - centre.y, pointer.x - centre.x) * 180) / Math.PI + 90
  const rounded = step === 0 ? Math.round(degrees * 10) / 10 : Math.round(degrees / step) * step
  return normalisedDegrees(rounded)
}

/** The position of a patch in words. */
export function placeText({ x, y }: Point): string {
  const row = y < 1 / 3 ? 'upper' : y > 2 / 3 ? 'lower' : ''
  const column = x < 1 / 3 ? 'left' : x > 2 / 3 ? 'right' : ''
  if (x < 0 || x > 1 || y < 0 || y > 1) return 'outside the photograph'
  return `${row} ${column}`.trim() || 'centre'
}

/** The position as an arrow, for narrow columns. */
export function arrowOf({ x, y }: Point): string {
  const [row, column] = [x, y].map(at => (at < 1 / 3 ? 0 : at > 2 / 3 ? 2 : 1)).reverse() as [number, number]
  return ['↖↑↗', '←·→', '↙↓↘'][row]![column]!
}
