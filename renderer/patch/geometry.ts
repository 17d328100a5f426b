import type { Extent, PatchLayer } from '../../electron/contract/patch.ts'

/** A point on the square that the network sees, 0 to 1 from the top left corner. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Where a patch lies: its centre, its extent before turning, degrees clockwise. */
export type Lying = Point & Extent & Pick<PatchLayer, 'rotation'>

/** The corners that are dragged to scale, as signs of the half extents. */
export const HANDLES = [
  { x: -1, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 1 },
  { x: -1, y: 1 },
] as const
export type Handle = (typeof HANDLES)[number]

/** What a layer's size may be: a patch of less than a pixel is not seen, one of four squares hides everything. */
export const SIZES = { least: 0.01, most: 4 } as const

const radians = (degrees: number): number => (degrees * Math.PI) / 180
const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

/** A corner of a turned patch. */
export function cornerOf(lying: Lying, { x, y }: Handle): Point {
  const [cos, sin] = [Math.cos(radians(lying.rotation)), Math.sin(radians(lying.rotation))]
  const [dx, dy] = [(x * lying.width) / 2, (y * lying.height) / 2]
  return { x: lying.x + cos * dx - sin * dy, y: lying.y + sin * dx + cos * dy }
}

/** Half width and half height of the upright rectangle around a turned patch. */
export function reachOf({ width, height, rotation }: Omit<Lying, 'x' | 'y'>): Point {
  const [cos, sin] = [Math.abs(Math.cos(radians(rotation))), Math.abs(Math.sin(radians(rotation)))]
  return { x: (cos * width + sin * height) / 2, y: (sin * width + cos * height) / 2 }
}

/** A place, and the lines that it has been drawn to: 0, ½ or 1 in each direction. */
export interface Snapped extends Point {
  readonly lineX: number | null
  readonly lineY: number | null
}

/** Draws a patch to the edges (two of them: a corner) and to the middle, where one is within `distance`. */
export function snap(lying: Lying, distance: number): Snapped {
  const reach = reachOf(lying)
  const along = (at: number, half: number) => {
    const [nearest] = [
      { to: half, line: 0 },
      { to: 1 - half, line: 1 },
      { to: 0.5, line: 0.5 },
    ].sort((a, b) => Math.abs(a.to - at) - Math.abs(b.to - at))
    return Math.abs(nearest!.to - at) <= distance ? nearest! : { to: at, line: null }
  }
  const [x, y] = [along(lying.x, reach.x), along(lying.y, reach.y)]
  return { x: x.to, y: y.to, lineX: x.line, lineY: y.line }
}

/** Flush with the edges that a direction points to: (−1, 0) with the left one, keeping the height it has. */
export function flush(lying: Lying, direction: Point): Point {
  const reach = reachOf(lying)
  const along = (at: number, half: number, sign: number): number => (sign === 0 ? at : sign < 0 ? half : 1 - half)
  return { x: along(lying.x, reach.x, direction.x), y: along(lying.y, reach.y, direction.y) }
}

/**
 * Scales by dragging a corner: the opposite one stays where it is, or the centre does.
 * @param pointer where the corner has been dragged to; only its way along the diagonal counts
 * @returns the factor of the size, and the new centre
 */
export function scale(
  lying: Lying,
  size: number,
  handle: Handle,
  pointer: Point,
  aboutCentre: boolean,
): { readonly size: number } & Point {
  const grabbed = cornerOf(lying, handle)
  const fixed = aboutCentre ? lying : cornerOf(lying, { x: -handle.x, y: -handle.y } as Handle)
  const [dx, dy] = [grabbed.x - fixed.x, grabbed.y - fixed.y]
  const way = ((pointer.x - fixed.x) * dx + (pointer.y - fixed.y) * dy) / (dx * dx + dy * dy)
  const next = clamp(size * way, SIZES.least, SIZES.most)
  const factor = next / size
  if (aboutCentre) return { size: next, x: lying.x, y: lying.y }
  return { size: next, x: fixed.x + (dx * factor) / 2, y: fixed.y + (dy * factor) / 2 }
}

/** Degrees in (−180, 180]. */
export const turned = (degrees: number): number => {
  const rest = (((degrees % 360) + 540) % 360) - 180
  return rest === -180 ? 180 : rest
}

/** The rotation at which the handle above a patch points at the pointer, in steps of `step` degrees where it is not 0. */
export function rotationTowards(centre: Point, pointer: Point, step: number): number {
  const degrees = (Math.atan2(pointer.y - centre.y, pointer.x - centre.x) * 180) / Math.PI + 90
  const rounded = step === 0 ? Math.round(degrees * 10) / 10 : Math.round(degrees / step) * step
  return turned(rounded)
}

/** Where a patch lies, in words. */
export function placeText({ x, y }: Point): string {
  const row = y < 1 / 3 ? 'upper' : y > 2 / 3 ? 'lower' : ''
  const column = x < 1 / 3 ? 'left' : x > 2 / 3 ? 'right' : ''
  if (x < 0 || x > 1 || y < 0 || y > 1) return 'beyond the photograph'
  return `${row} ${column}`.trim() || 'middle'
}

/** The same as a sign, for narrow columns. */
export const arrowOf = ({ x, y }: Point): string => {
  const [row, column] = [x, y].map(at => (at < 1 / 3 ? 0 : at > 2 / 3 ? 2 : 1)).reverse() as [number, number]
  return ['↖↑↗', '←·→', '↙↓↘'][row]![column]!
}
