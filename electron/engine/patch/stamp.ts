import type { PatchLook } from '../../contract/patch-look.ts'
import type { TransparentPicture } from '../images/decode.ts'
import { lanczosResize } from '../images/lanczos.ts'

/** A patch at the pixels it takes in one frame: made once, painted many times. */
export interface Stamp {
  readonly width: number
  readonly height: number
  /** sRGB, [height, width, 3]. */
  readonly rgb: Uint8Array
  /** What is seen of each pixel, mask and opacity included: 0…255, [height, width]. */
  readonly alpha: Uint8Array
  /** All of it is seen: it can be copied. */
  readonly opaque: boolean
}

/** What takes the place of the transparent where a mask shows it: mid grey, as in photographs. */
const NEUTRAL = 128

/**
 * Resizes a patch with Lanczos (as the article's notebook does) and works mask and opacity into it.
 * @param width  pixels in the frame, at least 1
 * @param height likewise
 */
export function stampOf(
  picture: TransparentPicture,
  { mask, feather, opacity }: Pick<PatchLook, 'mask' | 'feather' | 'opacity'>,
  width: number,
  height: number,
): Stamp {
  const rgba = lanczosResize(picture, width, height)
  const pixels = width * height
  const rgb = new Uint8Array(3 * pixels)
  const alpha = new Uint8Array(pixels)
  let opaque = true
  for (let pixel = 0; pixel < pixels; pixel++) {
    const own = rgba[4 * pixel + 3]! / 255
    for (let channel = 0; channel < 3; channel++) {
      const colour = rgba[4 * pixel + channel]!
      rgb[3 * pixel + channel] = mask === 'alpha' ? colour : Math.round(colour * own + NEUTRAL * (1 - own))
    }
    const x = ((pixel % width) + 0.5) / width
    const y = (Math.floor(pixel / width) + 0.5) / height
    const seen = (mask === 'alpha' ? own : 1) * coverage(mask, feather, x, y, Math.min(width, height)) * opacity
    alpha[pixel] = Math.round(255 * seen)
    opaque &&= alpha[pixel] === 255
  }
  return { width, height, rgb, alpha, opaque }
}

/**
 * How much of a pixel the mask shows, 0…1.
 * @param feather share of the half edge over which it fades linearly, from the rim inwards
 * @param x       0…1 across the patch
 * @param y       0…1 down it
 * @param edge    the shorter edge in pixels: without feather a circle's rim is one pixel soft, or it would be jagged
 */
function coverage(mask: PatchLook['mask'], feather: number, x: number, y: number, edge: number): number {
  // Shares of the half edge from the rim: 0 on it, 1 in the centre.
  const [dx, dy] = [Math.abs(2 * x - 1), Math.abs(2 * y - 1)]
  const inwards = mask === 'circle' ? 1 - Math.hypot(dx, dy) : 1 - Math.max(dx, dy)
  if (feather > 0) return Math.min(1, Math.max(0, inwards / feather))
  if (mask !== 'circle') return 1
  return Math.min(1, Math.max(0, (inwards * edge) / 2 + 0.5))
}
