import type { Transforms } from '../../contract/inversion.ts'
import { float32, type TypedTensor } from '../onnx/tensor.ts'
import type { Random } from '../random/random.ts'

/** One transform of a square image, drawn from a distribution. All numbers are in pixels, but for the angle. */
export interface Draw {
  readonly pad: number
  readonly padValue: number
  /** Edge after padding and the random crops, and the start of the crop in the padded image: row, column. */
  readonly cropped: number
  readonly offset: readonly [number, number]
  /** Edge after scaling. */
  readonly scaled: number
  readonly angle: number
  /** Edge of the result, and its start in the scaled image; negative where the result is larger. */
  readonly edge: number
  readonly lastOffset: readonly [number, number]
}

/** Draws one transform for an image of `size` × `size` pixels. */
export function drawTransform(size: number, transforms: Transforms, random: Random): Draw {
  const offset: [number, number] = [0, 0]
  let cropped = size + 2 * transforms.pad
  for (const jitter of transforms.jitter) {
    offset[0] += random.below(jitter + 1)
    offset[1] += random.below(jitter + 1)
    cropped -= jitter
  }
  const scaled = Math.trunc(cropped * random.pick(transforms.scales))
  const angle = random.pick(transforms.angles)
  let edge = scaled - transforms.lastJitter
  const lastOffset: [number, number] = [
    random.below(transforms.lastJitter + 1),
    random.below(transforms.lastJitter + 1),
  ]
  if (edge < 1) throw new RangeError(`these transforms crop an image of ${size} px completely`)
  if (transforms.fit) {
    const excess = Math.floor((edge - size) / 2)
    lastOffset[0] += excess
    lastOffset[1] += excess
    edge = size
  }
  return { pad: transforms.pad, padValue: transforms.padValue, cropped, offset, scaled, angle, edge, lastOffset }
}

/** Every edge that the result of a transform may have. */
export function drawnEdges(size: number, { pad, jitter, scales, lastJitter, fit }: Transforms): readonly number[] {
  if (fit) return [size]
  const cropped = size + 2 * pad - jitter.reduce((sum, each) => sum + each, 0)
  return [...new Set(scales.map(scale => Math.trunc(cropped * scale) - lastJitter))]
}

/** Maximum edge of the window of the image that a transform depends on. */
export function windowEdge(size: number, transforms: Transforms): number {
  return Math.min(size, size + 2 * transforms.pad - transforms.jitter.reduce((sum, jitter) => sum + jitter, 0))
}

/**
 * A drawn transform as linear maps with their transposes: out = P·(R_y · window · R_xᵀ + outside), where R is bilinear
 * scaling with the crop folded in, `outside` is the contribution of the padding, and P selects, for every pixel
 * of the result, its nearest pixel in the rotated image, or 0.
 */
interface Resampling {
  /** First row and column of the window of the image. */
  readonly start: readonly [number, number]
  /** [scaled, window] each. */
  readonly alongY: TypedTensor<'float32'>
  readonly alongX: TypedTensor<'float32'>
  /** [scaled, scaled, 1]. */
  readonly outside: TypedTensor<'float32'>
  /** [edge, edge]: index into the scaled² pixels; scaled² for none. */
  readonly pick: TypedTensor<'int32'>
  /**
   * P transposed, [scaled²] twice: the pixels of the result that selected a pixel; edge² for none. Two are enough:
   * of a rotated unit lattice at most two points fall into a half-open unit square.
   */
  readonly picked: readonly [TypedTensor<'int32'>, TypedTensor<'int32'>]
}

/** @param window edge of the window, from `windowEdge` */
export function resampling(size: number, window: number, draw: Draw): Resampling {
  const clamp = (value: number): number => Math.min(Math.max(value, 0), size - window)
  const start: [number, number] = [clamp(draw.offset[0] - draw.pad), clamp(draw.offset[1] - draw.pad)]
  const along = (axis: 0 | 1): TypedTensor<'float32'> => {
    const matrix = float32([draw.scaled, window])
    for (let i = 0; i < draw.scaled; i++) {
      // Pixel centres lie at halves; beyond the first and last centre the edge is repeated.
      const at = Math.min(Math.max(((i + 0.5) * draw.cropped) / draw.scaled - 0.5, 0), draw.cropped - 1)
      const low = Math.min(Math.floor(at), Math.max(draw.cropped - 2, 0))
      const weights: readonly [number, number][] = [
        [low, 1 - (at - low)],
        [low + 1, at - low],
      ]
      for (const [position, weight] of weights) {
        const pixel = position + draw.offset[axis] - draw.pad
        if (weight > 0 && pixel >= 0 && pixel < size) matrix.data[i * window + pixel - start[axis]]! += weight
      }
    }
    return matrix
  }
  const alongY = along(0)
  const alongX = along(1)
  return { start, alongY, alongX, outside: outside(alongY, alongX, draw.padValue), ...picking(draw) }
}

/** The contribution of the padding to every scaled pixel. */
function outside(
  alongY: TypedTensor<'float32'>,
  alongX: TypedTensor<'float32'>,
  padValue: number,
): TypedTensor<'float32'> {
  const [scaled, window] = alongY.dims as [number, number]
  const share = (matrix: TypedTensor<'float32'>, row: number): number =>
    matrix.data.subarray(row * window, (row + 1) * window).reduce((sum, weight) => sum + weight, 0)
  const columns = Array.from({ length: scaled }, (_, x) => share(alongX, x))
  const result = float32([scaled, scaled, 1])
  for (let y = 0; y < scaled; y++) {
    const row = share(alongY, y)
    for (let x = 0; x < scaled; x++) {
      const missing = 1 - row * columns[x]!
      // Rounding errors of the bilinear weights are not padding.
      result.data[y * scaled + x] = Math.abs(missing) < 1e-6 ? 0 : missing * padValue
    }
  }
  return result
}

function picking(draw: Draw): Pick<Resampling, 'pick' | 'picked'> {
  const { scaled, edge, lastOffset } = draw
  const radians = (draw.angle * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const middle = (scaled - 1) / 2
  const pick = new Int32Array(edge * edge)
  const picked = [0, 1].map(() => new Int32Array(scaled * scaled).fill(edge * edge)) as [Int32Array, Int32Array]
  for (let i = 0; i < edge; i++)
    for (let j = 0; j < edge; j++) {
      const y = i + lastOffset[0] - middle
      const x = j + lastOffset[1] - middle
      const inside = Math.max(Math.abs(y), Math.abs(x)) <= middle
      const row = Math.round(sin * x + cos * y + middle)
      const column = Math.round(cos * x - sin * y + middle)
      const found = inside && row >= 0 && row < scaled && column >= 0 && column < scaled
      const source = found ? row * scaled + column : scaled * scaled
      const target = i * edge + j
      pick[target] = source
      if (!found) continue
      const free = picked.find(list => list[source] === edge * edge)
      if (!free) throw new Error(`three pixels of a rotation by ${draw.angle}° fall on one`)
      free[source] = target
    }
  return {
    pick: { type: 'int32', dims: [edge, edge], data: pick },
    picked: picked.map(data => ({ type: 'int32', dims: [scaled * scaled], data })) as unknown as Resampling['picked'],
  }
}
