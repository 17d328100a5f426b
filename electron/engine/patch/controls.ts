import type { TransparentPicture } from '../images/decode.ts'
import { Random } from '../random/random.ts'

/** Edge of a noise patch: the article's, one network input. */
const NOISE_EDGE = 224

/**
 * A control cut to the proportions of what it controls, so that it covers as much of the photograph.
 * @param picture square
 * @param ratio   width to height
 */
export function inProportion({ rgba, width: edge }: TransparentPicture, ratio: number): TransparentPicture {
  const width = ratio >= 1 ? edge : Math.max(1, Math.round(edge * ratio))
  const height = ratio >= 1 ? Math.max(1, Math.round(edge / ratio)) : edge
  const cut = new Uint8Array(4 * width * height)
  for (let row = 0; row < height; row++)
    cut.set(rgba.subarray(4 * row * edge, 4 * (row * edge + width)), 4 * row * width)
  return { rgba: cut, width, height }
}

/** Uniform noise in every pixel and channel. @param index which of several */
export function noisePatch(seed: number, index: number): TransparentPicture {
  const random = new Random('noise patch', seed, index)
  const rgba = new Uint8Array(4 * NOISE_EDGE ** 2).fill(255)
  for (let at = 0; at < rgba.length; at++) if (at % 4 < 3) rgba[at] = random.below(256)
  return { rgba, width: NOISE_EDGE, height: NOISE_EDGE }
}

/**
 * The mean colour of some patches, each counting once, pixels by their opacity.
 * @param edge in pixels: a few are enough for one colour, and keep a rotated rim smooth
 */
export function meanPatch(pictures: readonly TransparentPicture[], edge = 16): TransparentPicture {
  const mean = [0, 0, 0]
  for (const { rgba } of pictures) {
    const sums = [0, 0, 0, 0]
    for (let at = 0; at < rgba.length; at += 4) {
      const opacity = rgba[at + 3]!
      for (let channel = 0; channel < 3; channel++) sums[channel]! += rgba[at + channel]! * opacity
      sums[3]! += opacity
    }
    for (let channel = 0; channel < 3; channel++) mean[channel]! += sums[channel]! / sums[3]! / pictures.length
  }
  const rgba = Uint8Array.from({ length: 4 * edge * edge }, (_, at) => (at % 4 === 3 ? 255 : Math.round(mean[at % 4]!)))
  return { rgba, width: edge, height: edge }
}

/**
 * A patch cut into n × n blocks in random order: its colours and textures without its shape. What does not fill a block
 * at the right and lower edge stays where it is.
 */
export function shuffledPatch(picture: TransparentPicture, blocks: number, seed: number): TransparentPicture {
  const { width, height } = picture
  const n = Math.max(1, Math.min(blocks, width, height))
  const [across, down] = [Math.floor(width / n), Math.floor(height / n)]
  const random = new Random('blocks', seed, picture.rgba)
  const from = Array.from({ length: n * n }, (_, k) => k)
  for (let k = from.length - 1; k > 0; k--) {
    const other = random.below(k + 1)
    const kept = from[k]!
    from[k] = from[other]!
    from[other] = kept
  }
  const rgba = picture.rgba.slice()
  for (const [to, source] of from.entries())
    for (let row = 0; row < down; row++) {
      const at = (block: number): number => 4 * ((Math.floor(block / n) * down + row) * width + (block % n) * across)
      rgba.set(picture.rgba.subarray(at(source), at(source) + 4 * across), at(to))
    }
  return { rgba, width, height }
}
