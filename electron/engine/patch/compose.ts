import { extentOf, type Placement } from '../../contract/patch.ts'
import type { TransparentPicture } from '../images/decode.ts'
import { type Frame, paint } from './paint.ts'
import { type Stamp, stampOf } from './stamp.ts'

/** A placement with the picture that it places. */
export interface Placed {
  readonly placement: Placement
  readonly picture: TransparentPicture
  /** For sentences. */
  readonly name: string
}

/** Pixels of a photograph before anything is pasted on it, and what of it the network sees. */
export interface Ground extends Frame {
  /** Of the photograph, in its own pixels: what `photograph` proportions are kept in. */
  readonly original: { readonly width: number; readonly height: number }
}

export interface Composite {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** One sentence for each patch of which nothing is visible. */
  readonly notes: readonly string[]
}

/** Keeps what was resized: the same patch at the same size is pasted again and again while it is moved. */
export class Stamps {
  readonly #made = new Map<TransparentPicture, Map<string, Stamp>>()
  readonly #most: number

  /** @param most sizes that are kept of one picture */
  constructor(most = 16) {
    this.#most = most
  }

  /** @returns undefined where the patch is smaller than a pixel */
  of({ placement, picture }: Omit<Placed, 'name'>, ground: Ground): Stamp | undefined {
    const pixels = pixelsOf(placement, picture, ground)
    if (pixels === undefined) return undefined
    const { mask, feather, opacity } = placement
    const key = JSON.stringify([pixels, mask, feather, opacity])
    const known = this.#made.get(picture) ?? new Map<string, Stamp>()
    this.#made.set(picture, known)
    let stamp = known.get(key)
    if (stamp === undefined) {
      stamp = stampOf(picture, placement, pixels.width, pixels.height)
      known.set(key, stamp)
      for (const oldest of known.keys()) {
        if (known.size <= this.#most) break
        known.delete(oldest)
      }
    }
    return stamp
  }
}

/**
 * Pixels of a patch: ⌊share · edge⌋, rounded down as in the article. A patch whose longer edge has no pixel is not
 * drawn; the shorter edge has at least one pixel.
 */
export function pixelsOf(
  placement: Pick<Placement, 'size' | 'aspect'>,
  picture: { readonly width: number; readonly height: number },
  { seen, width, height, original }: Ground,
): { readonly width: number; readonly height: number } | undefined {
  const extent = extentOf(placement, picture, original)
  const columns = Math.floor(extent.width * (seen?.width ?? width))
  const rows = Math.floor(extent.height * (seen?.height ?? height))
  return Math.max(columns, rows) < 1 ? undefined : { width: Math.max(1, columns), height: Math.max(1, rows) }
}

/** Pastes patches on a photograph, the first at the bottom. The ground is not changed. */
export function compose(ground: Ground, patches: readonly Placed[], stamps = new Stamps()): Composite {
  const frame = { ...ground, rgb: ground.rgb.slice() }
  const notes: string[] = []
  for (const placed of patches) {
    if (placed.placement.hidden) continue
    const stamp = stamps.of(placed, ground)
    const painted = stamp === undefined ? 0 : paint(frame, stamp, placed.placement)
    if (painted === 0) notes.push(unseen(placed, stamp))
  }
  return { rgb: frame.rgb, width: ground.width, height: ground.height, notes }
}

function unseen({ placement, name }: Placed, stamp: Stamp | undefined): string {
  if (stamp === undefined)
    return `nothing of ${name} is seen: at a size of ${placement.size} it is smaller than a pixel; make it larger`
  if (placement.opacity === 0) return `nothing of ${name} is seen: its opacity is 0; raise it`
  return `nothing of ${name} is seen: it lies wholly outside the photograph, its centre at ${placement.x.toFixed(2)}, ${placement.y.toFixed(2)}; 0 to 1 is inside`
}
