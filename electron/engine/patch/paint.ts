import type { BlendMode, PatchPlacement } from '../../contract/placement.ts'

/** A patch at its size in pixels of one frame: resampled once, painted many times. */
export interface ResampledPatch {
  readonly width: number
  readonly height: number
  /** sRGB, [height, width, 3]. */
  readonly rgb: Uint8Array
  /** Opacity of each pixel, with the mask: 0 to 255, [height, width]. */
  readonly alpha: Uint8Array
  /** Every pixel is opaque: the patch can be copied. */
  readonly opaque: boolean
}

/** Pixels that patches are pasted on, in place: sRGB, [height, width, 3]. */
export interface Frame {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** The part of the frame that the network sees, in its pixels; places are shares of it. The whole, by default. */
  readonly seen?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
}

/**
 * Paints a patch on a frame. Without rotation it lies on whole pixels, its place rounded, and an opaque one is copied; rotated
 * it is interpolated bilinearly, and its edge fades over a pixel.
 * result = backdrop + α · (blend(backdrop, patch) − backdrop), rounded.
 * @returns the number of painted pixels; 0: nothing of the patch is visible
 */
export function paint(
  frame: Frame,
  patch: ResampledPatch,
  { x, y, rotation, blend }: Pick<PatchPlacement, 'x' | 'y' | 'rotation' | 'blend'>,
): number {
  const seen = frame.seen ?? { left: 0, top: 0, width: frame.width, height: frame.height }
  const left = Math.round(seen.left + x * seen.width - patch.width / 2)
  const top = Math.round(seen.top + y * seen.height - patch.height / 2)
  return rotation % 360 === 0
    ? paintUpright(frame, patch, left, top, blend)
    : paintRotated(frame, patch, left + patch.width / 2, top + patch.height / 2, rotation, blend, seen)
}

function paintUpright(frame: Frame, patch: ResampledPatch, left: number, top: number, blend: BlendMode): number {
  const [from, to] = [Math.max(0, left), Math.min(frame.width, left + patch.width)]
  const [above, below] = [Math.max(0, top), Math.min(frame.height, top + patch.height)]
  if (from >= to) return 0
  let painted = 0
  for (let row = above; row < below; row++) {
    const source = (row - top) * patch.width - left
    if (patch.opaque && blend === 'normal') {
      frame.rgb.set(patch.rgb.subarray(3 * (source + from), 3 * (source + to)), 3 * (row * frame.width + from))
      painted += to - from
      continue
    }
    for (let column = from; column < to; column++) {
      const alpha = patch.alpha[source + column]!
      if (alpha === 0) continue
      const at = 3 * (source + column)
      mix(frame, row * frame.width + column, patch.rgb[at]!, patch.rgb[at + 1]!, patch.rgb[at + 2]!, alpha / 255, blend)
      painted++
    }
  }
  return painted
}

function paintRotated(
  frame: Frame,
  patch: ResampledPatch,
  centreX: number,
  centreY: number,
  rotation: number,
  blend: BlendMode,
  seen: { readonly width: number; readonly height: number },
): number {
  const angle = (rotation * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  // In shares of the square that the network sees: a photograph at its own size is rotated as the network's input is.
  const [halfWidth, halfHeight] = [patch.width / seen.width / 2, patch.height / seen.height / 2]
  const reachX = (Math.abs(cos) * halfWidth + Math.abs(sin) * halfHeight) * seen.width + 1
  const reachY = (Math.abs(sin) * halfWidth + Math.abs(cos) * halfHeight) * seen.height + 1
  const from = Math.max(0, Math.floor(centreX - reachX))
  const to = Math.min(frame.width, Math.ceil(centreX + reachX))
  const above = Math.max(0, Math.floor(centreY - reachY))
  const below = Math.min(frame.height, Math.ceil(centreY + reachY))
  const read = new Float64Array(4)
  let painted = 0
  for (let row = above; row < below; row++)
    for (let column = from; column < to; column++) {
      const dx = (column + 0.5 - centreX) / seen.width
      const dy = (row + 0.5 - centreY) / seen.height
      const u = (cos * dx + sin * dy) * seen.width + patch.width / 2 - 0.5
      const v = (cos * dy - sin * dx) * seen.height + patch.height / 2 - 0.5
      if (!bilinear(patch, u, v, read)) continue
      mix(frame, row * frame.width + column, read[0]!, read[1]!, read[2]!, read[3]!, blend)
      painted++
    }
  return painted
}

/** Colour and share at a place between pixels; colours count by what is seen of them. @returns whether anything is */
function bilinear({ width, height, rgb, alpha }: ResampledPatch, u: number, v: number, into: Float64Array): boolean {
  const [column, row] = [Math.floor(u), Math.floor(v)]
  if (column < -1 || row < -1 || column >= width || row >= height) return false
  into.fill(0)
  for (let k = 0; k < 4; k++) {
    const [x, y] = [column + (k & 1), row + (k >> 1)]
    if (x < 0 || y < 0 || x >= width || y >= height) continue
    const weight = (k & 1 ? u - column : 1 - u + column) * (k >> 1 ? v - row : 1 - v + row)
    const share = (weight * alpha[y * width + x]!) / 255
    for (let channel = 0; channel < 3; channel++) into[channel]! += share * rgb[3 * (y * width + x) + channel]!
    into[3]! += share
  }
  const sum = into[3]!
  // Less than half of a 255th changes no pixel.
  if (sum < 0.5 / 255) return false
  for (let channel = 0; channel < 3; channel++) into[channel]! /= sum
  return true
}

/** What a patch's value does to the photograph's, both 0…255. */
type Blend = (backdrop: number, source: number) => number

/** The separable formulas of W3C Compositing and Blending Level 1, §10, on 8-bit sRGB values. */
export const BLENDS: Readonly<Record<BlendMode, Blend>> = {
  normal: (_, s) => s,
  multiply: (b, s) => (b * s) / 255,
  screen: (b, s) => b + s - (b * s) / 255,
  // Hard light with backdrop and source exchanged.
  overlay: (b, s) => (b <= 127.5 ? (2 * b * s) / 255 : 255 - (2 * (255 - b) * (255 - s)) / 255),
  darken: Math.min,
  lighten: Math.max,
  difference: (b, s) => Math.abs(b - s),
}

/** Blends a colour into a pixel. @param alpha 0 to 1 */
export function mix(
  { rgb }: Frame,
  pixel: number,
  red: number,
  green: number,
  blue: number,
  alpha: number,
  mode: BlendMode,
) {
  const blend = BLENDS[mode]
  const at = 3 * pixel
  const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!]
  rgb[at] = Math.round(r + alpha * (blend(r, red) - r))
  rgb[at + 1] = Math.round(g + alpha * (blend(g, green) - g))
  rgb[at + 2] = Math.round(b + alpha * (blend(b, blue) - b))
}
