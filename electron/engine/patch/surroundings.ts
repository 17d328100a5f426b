import type { PatchPlacement } from '../../contract/placement.ts'
import { type Frame, mix, paint, type ResampledPatch } from './paint.ts'

/** Pixel rows and columns of a frame: from, and below. */
interface Region {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Share of the shorter edge over which the rim is averaged, so that single pixels make no stripes. */
const SMOOTHING = 1 / 8

/**
 * Paints what would be under a patch if it were filled in from its surroundings: the control of hiding a part of the
 * photograph. It takes the same pixels, mask, opacity and blend as the patch.
 * @returns pixels of the frame that changed hands
 */
export function paintSurroundings(frame: Frame, patch: ResampledPatch, placement: PatchPlacement): number {
  const cover: Frame = { ...frame, rgb: new Uint8Array(frame.rgb.length) }
  const white = { ...patch, rgb: new Uint8Array(patch.rgb.length).fill(255) }
  const painted = paint(cover, white, { ...placement, blend: 'normal' })
  if (painted === 0) return 0
  const region = regionOf(cover)
  const filled = fromSurroundings(frame, region)
  const width = region.right - region.left
  for (let row = region.top; row < region.bottom; row++)
    for (let column = region.left; column < region.right; column++) {
      const pixel = row * frame.width + column
      const alpha = cover.rgb[3 * pixel]! / 255
      if (alpha === 0) continue
      const at = 3 * ((row - region.top) * width + column - region.left)
      mix(frame, pixel, filled[at]!, filled[at + 1]!, filled[at + 2]!, alpha, placement.blend)
    }
  return painted
}

/** The smallest region that holds all pixels of a frame that are not black. */
function regionOf({ rgb, width, height }: Frame): Region {
  let [left, right, top, bottom] = [width, 0, height, 0]
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (rgb[3 * pixel] === 0) continue
    const [column, row] = [pixel % width, Math.floor(pixel / width)]
    left = Math.min(left, column)
    right = Math.max(right, column + 1)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row + 1)
  }
  return { left, right, top, bottom }
}

/**
 * A region filled in from the pixels beside its four edges, each smoothed along its edge; a pixel is their mean by the
 * inverse of its distance to each edge. An edge on the frame's own has no pixels beside it and does not count; where none
 * has, the region is filled with the frame's mean colour.
 * @returns [rows, columns, 3]
 */
export function fromSurroundings(frame: Frame, { left, right, top, bottom }: Region): Float64Array {
  const [columns, rows] = [right - left, bottom - top]
  const reach = Math.max(1, Math.round(Math.min(columns, rows) * SMOOTHING))
  const row = (at: number) => rim(frame, columns, reach, k => at * frame.width + left + k)
  const column = (at: number) => rim(frame, rows, reach, k => (top + k) * frame.width + at)
  const above = top > 0 ? row(top - 1) : undefined
  const below = bottom < frame.height ? row(bottom) : undefined
  const before = left > 0 ? column(left - 1) : undefined
  const after = right < frame.width ? column(right) : undefined
  const filled = new Float64Array(3 * columns * rows)
  if (!above && !below && !before && !after) {
    const mean = [0, 1, 2].map(c => meanOfChannel(frame, c))
    return filled.map((_, at) => mean[at % 3]!)
  }
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      let weight = 0
      const at = 3 * (y * columns + x)
      const add = (line: Float64Array | undefined, place: number, distance: number): void => {
        if (line === undefined) return
        weight += 1 / distance
        for (let c = 0; c < 3; c++) filled[at + c]! += line[3 * place + c]! / distance
      }
      add(above, x, y + 1)
      add(below, x, rows - y)
      add(before, y, x + 1)
      add(after, y, columns - x)
      for (let c = 0; c < 3; c++) filled[at + c]! /= weight
    }
  return filled
}

/** A line of pixels, each the mean of those within reach on the line: [length, 3]. */
function rim(frame: Frame, length: number, reach: number, pixelAt: (k: number) => number): Float64Array {
  const sums = new Float64Array(3 * (length + 1))
  for (let k = 0; k < length; k++)
    for (let c = 0; c < 3; c++) sums[3 * (k + 1) + c] = sums[3 * k + c]! + frame.rgb[3 * pixelAt(k) + c]!
  return Float64Array.from({ length: 3 * length }, (_, at) => {
    const [k, c] = [Math.floor(at / 3), at % 3]
    const [from, below] = [Math.max(0, k - reach), Math.min(length, k + reach + 1)]
    return (sums[3 * below + c]! - sums[3 * from + c]!) / (below - from)
  })
}

function meanOfChannel({ rgb }: Frame, channel: number): number {
  let sum = 0
  for (let at = channel; at < rgb.length; at += 3) sum += rgb[at]!
  return (3 * sum) / rgb.length
}
