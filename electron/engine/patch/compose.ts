import { extentOf, type PatchPlacement } from '../../contract/placement.ts'
import { decodeImage, type TransparentPicture } from '../images/decode.ts'
import { lanczosResize } from '../images/lanczos.ts'
import { type ImageFile, readImage } from '../images/read.ts'
import type { Classifier } from '../model/classifier.ts'
import { inputSize } from '../model/sidecar.ts'
import { type Frame, paint, type ResampledPatch } from './paint.ts'
import { paintSurroundings } from './surroundings.ts'

/** The pixels of a patch. */
export interface PatchPicture extends TransparentPicture {
  /** For sentences. */
  readonly name: string
}

/** The pictures of placed patches, by the patch's id. */
export type PatchPictures = ReadonlyMap<number, PatchPicture>

/** Pixels of a photograph before anything is pasted on it, and what of it the network sees. */
export interface Background extends Frame {
  /** Of the photograph, in its own pixels: what `photograph` proportions are kept in. */
  readonly original: { readonly width: number; readonly height: number }
}

type Takes = Pick<Classifier, 'preprocessing'>

/**
 * A photograph as the network takes it, [height, width, 3], resized with Lanczos as in the article's patch experiments:
 * sharper than the bilinear resizing that atlases use, so that logits differ a little from `portolan classify`. One
 * that is smaller than the network's input is enlarged.
 * @throws UnreadableImage
 */
export async function backgroundOf({ preprocessing }: Takes, photograph: string | ImageFile): Promise<Background> {
  const { size, resize } = preprocessing
  const { rgb, box } = await decodeImage(photograph, { size, resize, kernel: 'lanczos' })
  return { rgb, ...inputSize(preprocessing), original: { width: box.width, height: box.height } }
}

/** A photograph at its own size, for export; places are counted in what the network sees of it. @throws UnreadableImage */
export async function fullBackgroundOf({ preprocessing }: Takes, photograph: string | ImageFile): Promise<Background> {
  const { size, resize } = preprocessing
  const file = typeof photograph === 'string' ? await readImage(photograph) : photograph
  const { rgb, width, height } = await decodeImage(file)
  const { box } = await decodeImage(file, { size, resize })
  return { rgb, width, height, seen: box, original: { width: box.width, height: box.height } }
}

/** Cache of resampled patches: the same patch at the same size is pasted many times while it is moved. */
export class ResampledPatches {
  /** By the pixels of the picture. */
  readonly #byPicture = new Map<Uint8Array, Map<string, ResampledPatch>>()
  readonly #max: number

  /** @param max sizes that are kept of one picture */
  constructor(max = 16) {
    this.#max = max
  }

  /** @returns undefined where the patch is smaller than a pixel */
  of(placement: PatchPlacement, picture: TransparentPicture, background: Background): ResampledPatch | undefined {
    const pixels = pixelsOf(placement, picture, background)
    if (pixels === undefined) return undefined
    const { mask, feather, opacity } = placement
    const key = JSON.stringify([pixels, mask, feather, opacity])
    const known = this.#byPicture.get(picture.rgba) ?? new Map<string, ResampledPatch>()
    this.#byPicture.set(picture.rgba, known)
    let resampled = known.get(key)
    if (resampled === undefined) {
      resampled = resampledPatch(picture, placement, pixels.width, pixels.height)
      known.set(key, resampled)
      for (const oldest of known.keys()) {
        if (known.size <= this.#max) break
        known.delete(oldest)
      }
    }
    return resampled
  }
}

/**
 * Pixels of a patch: ⌊share · edge⌋, rounded down as in the article. A patch whose longer edge has no pixel is not
 * drawn; the shorter edge has at least one pixel.
 */
export function pixelsOf(
  placement: Pick<PatchPlacement, 'size' | 'aspect'>,
  picture: { readonly width: number; readonly height: number },
  { seen, width, height, original }: Background,
): { readonly width: number; readonly height: number } | undefined {
  const extent = extentOf(placement, picture, original)
  const columns = Math.floor(extent.width * (seen?.width ?? width))
  const rows = Math.floor(extent.height * (seen?.height ?? height))
  return Math.max(columns, rows) < 1 ? undefined : { width: Math.max(1, columns), height: Math.max(1, rows) }
}

/** What takes the place of the transparent where a mask shows it: mid grey, as in photographs. */
const NEUTRAL = 128

/**
 * Resizes a patch with Lanczos (as the article's notebook does) and works mask and opacity into it.
 * @param width  pixels in the frame, at least 1
 * @param height likewise
 */
function resampledPatch(
  picture: TransparentPicture,
  { mask, feather, opacity }: Pick<PatchPlacement, 'mask' | 'feather' | 'opacity'>,
  width: number,
  height: number,
): ResampledPatch {
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
function coverage(mask: PatchPlacement['mask'], feather: number, x: number, y: number, edge: number): number {
  // Shares of the half edge from the rim: 0 on it, 1 in the centre.
  const [dx, dy] = [Math.abs(2 * x - 1), Math.abs(2 * y - 1)]
  const inwards = mask === 'circle' ? 1 - Math.hypot(dx, dy) : 1 - Math.max(dx, dy)
  if (feather > 0) return Math.min(1, Math.max(0, inwards / feather))
  if (mask !== 'circle') return 1
  return Math.min(1, Math.max(0, (inwards * edge) / 2 + 0.5))
}

export interface Composite {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** One sentence for each patch of which nothing is visible. */
  readonly notes: readonly string[]
}

/**
 * Pastes patches on a frame that holds a copy of the background, the first at the bottom.
 * @returns the patches of which nothing is visible
 */
export function pasteOn(
  frame: Frame,
  background: Background,
  patches: readonly PatchPlacement[],
  pictures: PatchPictures,
  cache: ResampledPatches,
): readonly { readonly placement: PatchPlacement; readonly resampled: ResampledPatch | undefined }[] {
  return patches
    .filter(({ hidden }) => !hidden)
    .map(placement => {
      const resampled = cache.of(placement, pictures.get(placement.patch)!, background)
      const put = placement.fill === 'surroundings' ? paintSurroundings : paint
      return { placement, resampled, painted: resampled === undefined ? 0 : put(frame, resampled, placement) }
    })
    .filter(({ painted }) => painted === 0)
}

/** Pastes patches on a photograph, the first at the bottom. The background is not changed. */
export function compose(
  background: Background,
  patches: readonly PatchPlacement[],
  pictures: PatchPictures,
  cache = new ResampledPatches(),
): Composite {
  const frame = { ...background, rgb: background.rgb.slice() }
  const unseen = pasteOn(frame, background, patches, pictures, cache)
  const notes = unseen.map(({ placement, resampled }) =>
    unseenText(placement, pictures.get(placement.patch)!.name, resampled),
  )
  return { rgb: frame.rgb, width: background.width, height: background.height, notes }
}

function unseenText(
  { size, opacity, x, y }: PatchPlacement,
  name: string,
  resampled: ResampledPatch | undefined,
): string {
  if (resampled === undefined)
    return `nothing of ${name} is seen: at a size of ${size} it is smaller than a pixel; make it larger`
  if (opacity === 0) return `nothing of ${name} is seen: its opacity is 0; raise it`
  return `nothing of ${name} is seen: it lies wholly outside the photograph, its centre at ${x.toFixed(2)}, ${y.toFixed(2)}; 0 to 1 is inside`
}
