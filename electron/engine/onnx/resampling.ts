import { attribute, type Dim, type Node, type Shape } from './graph.ts'

/**
 * Resize as the standard defines it (operator set 19): along each axis a product with a matrix, which a row of weights for
 * every new position makes up.
 */

/** The attributes of a Resize that determine its weights. */
interface Kind {
  readonly mode: string
  readonly coordinates: string
  readonly nearest: string
  /** The parameter a of the cubic kernel (Keys, 1981). */
  readonly cubic: number
  /** Whether positions outside of the axis count nothing; otherwise each is the nearest one inside. */
  readonly excludes: boolean
  readonly antialias: boolean
}

const kindOf = (node: Node): Kind => ({
  mode: attribute(node, 'mode', 'string', 'nearest'),
  coordinates: attribute(node, 'coordinate_transformation_mode', 'string', 'half_pixel'),
  nearest: attribute(node, 'nearest_mode', 'string', 'round_prefer_floor'),
  cubic: attribute(node, 'cubic_coeff_a', 'float', -0.75),
  excludes: attribute(node, 'exclude_outside', 'int', 0) === 1,
  antialias: attribute(node, 'antialias', 'int', 0) === 1,
})

/** An axis whose length changes. */
export interface Resized {
  readonly axis: number
  readonly from: Dim
  readonly to: Dim
  /** The factor, where the file gives factors; otherwise it is `to` / `from`. */
  readonly scale: number | undefined
}

/** The axes that a Resize changes. @param scales undefined where the file gives lengths */
export const resizedAxes = (x: Shape, y: Shape, scales: readonly number[] | undefined): readonly Resized[] =>
  x.flatMap((from, axis) => {
    const scale = scales?.[axis]
    const to = y[axis]!
    return (scale ?? 1) === 1 && from === to ? [] : [{ axis, from, to, scale }]
  })

/** The length of an axis times a factor, in single precision as runtimes and PyTorch have it. */
export const scaledLength = (length: number, scale: number): number => Math.floor(Math.fround(length * scale))

/** How often every position is repeated, if nothing else happens along an axis; undefined where more does. */
export function repeatsOf(node: Node, { from, to, scale }: Resized): number | undefined {
  const { mode, coordinates, nearest } = kindOf(node)
  const factor = scale ?? (typeof from === 'number' && typeof to === 'number' ? to / from : Number.NaN)
  if (mode !== 'nearest' || !Number.isInteger(factor) || factor < 1) return undefined
  // ⌊o/k⌋, or the integer nearest to (o + ½)/k − ½, which is never halfway between two.
  const asymmetric = coordinates === 'asymmetric' && nearest === 'floor'
  const centred = coordinates.includes('half_pixel') && nearest.startsWith('round')
  return asymmetric || centred ? factor : undefined
}

/**
 * The weights of old positions in new ones along an axis of known lengths, [to, from].
 * @throws Error for a mode that the standard does not have
 */
export function weightsOf(node: Node, from: number, to: number, scale: number | undefined): Float32Array {
  const kind = kindOf(node)
  const weights = new Float64Array(to * from)
  for (let row = 0; row < to; row++) {
    const at = placeOf(kind.coordinates, row, { from, to, scale })
    const own = weights.subarray(row * from, (row + 1) * from)
    if (kind.mode === 'nearest') own[inside(rounded(kind.nearest, at), from)] = 1
    else interpolate(kind, own, at, scale ?? to / from)
  }
  return Float32Array.from(weights)
}

const inside = (position: number, length: number): number => Math.min(Math.max(position, 0), length - 1)

/** Old coordinate of a new position. */
function placeOf(
  coordinates: string,
  row: number,
  { from, to, scale }: { readonly from: number; readonly to: number; readonly scale: number | undefined },
): number {
  // With lengths one rounding instead of two, so that what is an integer stays one.
  const back = (position: number): number => (scale === undefined ? (position * from) / to : position / scale)
  const width = scale === undefined ? to : from * scale
  const centred = back(row + 0.5) - 0.5
  switch (coordinates) {
    case 'asymmetric':
      return back(row)
    case 'half_pixel':
      return centred
    case 'half_pixel_symmetric':
      return (from / 2) * (1 - to / width) + centred
    case 'pytorch_half_pixel':
      return to > 1 ? centred : 0
    case 'align_corners':
      return width === 1 ? 0 : (row * (from - 1)) / (width - 1)
    default:
      throw new Error(`Resize has no coordinates "${coordinates}"`)
  }
}

function rounded(mode: string, at: number): number {
  switch (mode) {
    case 'floor':
      return Math.floor(at)
    case 'ceil':
      return Math.ceil(at)
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5)
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5)
    default:
      throw new Error(`Resize does not round by "${mode}"`)
  }
}

/** Adds the weights of one row: a kernel around the place, as wide as a new position where it is antialiased. */
function interpolate({ mode, cubic, excludes, antialias }: Kind, row: Float64Array, at: number, scale: number): void {
  const narrow = antialias ? Math.min(scale, 1) : 1
  const reach = Math.ceil((mode === 'cubic' ? 2 : 1) / narrow)
  const first = Math.floor(at) - reach
  const positions = Array.from({ length: 2 * reach + 2 }, (_, i) => first + i)
  const counted = excludes ? positions.filter(position => position >= 0 && position < row.length) : positions
  const values = counted.map(position => kernel(mode, Math.abs(position - at) * narrow, cubic))
  const sum = values.reduce((total, value) => total + value, 0)
  // All outside counts nothing.
  const share = (antialias || excludes) && sum !== 0 ? 1 / sum : 1
  for (const [i, position] of counted.entries()) row[inside(position, row.length)]! += values[i]! * share
}

function kernel(mode: string, distance: number, a: number): number {
  if (mode === 'linear') return Math.max(0, 1 - distance)
  if (mode !== 'cubic') throw new Error(`Resize has no mode "${mode}"`)
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1
  return distance < 2 ? ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a : 0
}
