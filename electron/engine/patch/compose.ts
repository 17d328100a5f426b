import { extentOf, type PatchLayer } from '../../contract/patch.ts'
import type { TransparentPicture } from '../images/decode.ts'
import { type Frame, paint } from './paint.ts'
import { type Stamp, stampOf } from './stamp.ts'

/** A layer with its picture. */
export interface Laid {
  readonly layer: Omit<PatchLayer, 'patch'>
  readonly picture: TransparentPicture
  /** For sentences. */
  readonly name: string
}

/** Pixels of a photograph before anything is laid on it, and what of it the network sees. */
export interface Ground extends Frame {
  /** Of the photograph, in its own pixels: what `photograph` proportions are kept in. */
  readonly original: { readonly width: number; readonly height: number }
}

export interface Composite {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** One sentence for each layer of which nothing is seen. */
  readonly notes: readonly string[]
}

/** Keeps what was resized: the same patch at the same size is laid again and again while it is moved. */
export class Stamps {
  readonly #made = new Map<TransparentPicture, Map<string, Stamp>>()
  readonly #most: number

  /** @param most sizes that are kept of one picture */
  constructor(most = 16) {
    this.#most = most
  }

  /** @returns undefined where the patch is smaller than a pixel */
  of({ layer, picture }: Omit<Laid, 'name'>, ground: Ground): Stamp | undefined {
    const pixels = pixelsOf(layer, picture, ground)
    if (pixels === undefined) return undefined
    const { mask, feather, opacity } = layer
    const key = JSON.stringify([pixels, mask, feather, opacity])
    const known = this.#made.get(picture) ?? new Map<string, Stamp>()
    this.#made.set(picture, known)
    let stamp = known.get(key)
    if (stamp === undefined) {
      stamp = stampOf(picture, layer, pixels.width, pixels.height)
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
 * How many pixels a patch takes: ⌊share · edge⌋, as the article cuts. The longer edge decides whether it is there; the
 * shorter has one pixel at least.
 */
export function pixelsOf(
  layer: Pick<PatchLayer, 'size' | 'aspect'>,
  picture: { readonly width: number; readonly height: number },
  { seen, width, height, original }: Ground,
): { readonly width: number; readonly height: number } | undefined {
  const extent = extentOf(layer, picture, original)
  const columns = Math.floor(extent.width * (seen?.width ?? width))
  const rows = Math.floor(extent.height * (seen?.height ?? height))
  return Math.max(columns, rows) < 1 ? undefined : { width: Math.max(1, columns), height: Math.max(1, rows) }
}

/** Lays patches on a photograph, the first at the bottom. The ground is left as it is. */
export function compose(ground: Ground, layers: readonly Laid[], stamps = new Stamps()): Composite {
  const frame = { ...ground, rgb: ground.rgb.slice() }
  const notes: string[] = []
  for (const laid of layers) {
    if (laid.layer.hidden) continue
    const stamp = stamps.of(laid, ground)
    const painted = stamp === undefined ? 0 : paint(frame, stamp, laid.layer)
    if (painted === 0) notes.push(unseen(laid, stamp))
  }
  return { rgb: frame.rgb, width: ground.width, height: ground.height, notes }
}

function unseen({ layer, name }: Laid, stamp: Stamp | undefined): string {
  if (stamp === undefined)
    return `nothing of ${name} is seen: at a size of ${layer.size} it is smaller than a pixel; make it larger`
  if (layer.opacity === 0) return `nothing of ${name} is seen: its opacity is 0; raise it`
  return `nothing of ${name} is seen: it lies wholly outside the photograph, its centre at ${layer.x.toFixed(2)}, ${layer.y.toFixed(2)}; 0 to 1 is inside`
}
