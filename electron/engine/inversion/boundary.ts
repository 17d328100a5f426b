import type { GraphBuilder } from '../onnx/builder.ts'
import { float32, type TypedTensor } from '../onnx/tensor.ts'

/** Width of the border in pixels, edge of the blur, and weight of the distance from grey (lucid's recipe). */
const BORDER = 5
const GREY_WEIGHT = 0.8
const GREY = 0.5

/**
 * Lucid's boundary penalty: Σ over the outer 5 px of (B x − x)² + .8 (x − .5)², where B blurs with weights 1 inside and
 * .5 on the rim of 5×5 pixels, normalised: half the sum of a 5×5 and a 3×3 box, so that it is two pairs of band
 * matrices.
 * @param rgb [size · size, columns]
 * @returns a scalar, to be subtracted from the objective
 */
export function boundaryPenalty(g: GraphBuilder, rgb: string, size: number, columns: number): string {
  const five = g.initializer(box(size, 2), 'box5')
  const three = g.initializer(box(size, 1), 'box3')
  const mask = g.initializer(border(size), 'border')
  const blurred = (x: string, band: string): string => {
    const rows = g.matmul(band, g.reshape(x, [size, size * columns]))
    return g.reshape(g.matmul(band, g.reshape(rows, [size, size, columns])), [size * size, columns])
  }
  /** 9 inner weights of 1 and 16 on the rim of ½ add up to 17. */
  const blur = (x: string): string => g.mul(g.add(blurred(x, five), blurred(x, three)), g.scalar(0.5 / 17))
  const square = (x: string): string => g.mul(x, x)
  const rough = g.mul(mask, square(g.sub(blur(rgb), rgb)))
  const grey = g.mul(g.mul(mask, square(g.sub(rgb, g.scalar(GREY)))), g.scalar(GREY_WEIGHT))
  return g.reduceSum(g.add(rough, grey), [0, 1], false)
}

/** Sums over neighbours within `radius`, zero beyond the edge. */
function box(size: number, radius: number): TypedTensor<'float32'> {
  const matrix = float32([size, size])
  for (let i = 0; i < size; i++)
    for (let j = Math.max(0, i - radius); j <= Math.min(size - 1, i + radius); j++) matrix.data[i * size + j] = 1
  return matrix
}

function border(size: number): TypedTensor<'float32'> {
  const mask = float32([size * size, 1])
  const outer = (p: number): boolean => p < BORDER || p >= size - BORDER
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (outer(y) || outer(x)) mask.data[y * size + x] = 1
  return mask
}
