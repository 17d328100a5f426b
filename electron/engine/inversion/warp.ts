import type { GraphBuilder } from '../onnx/builder.ts'
import { int64, type Tensor } from '../onnx/tensor.ts'
import { type Draw, resampling } from './transform.ts'

/**
 * The published random transform of a batch: crop, scaling and rotation. The graph is the same for all steps; the
 * values that change from step to step are inputs (see Resampling).
 * Pixels come first and icons last: the gathers of a rotation then copy contiguous memory instead of single numbers.
 * @param rgb    [window², 3N]
 * @param window edge of the window of the image in pixels
 * @returns the transformed image, [N, 3, edge, edge]
 */
export function warped(g: GraphBuilder, rgb: string, icons: number, window: number): string {
  const columns = 3 * icons
  const alongY = g.input({ name: 'alongY', type: 'float32', shape: ['scaled', window] })
  const alongX = g.input({ name: 'alongX', type: 'float32', shape: ['scaled', window] })
  const outside = g.input({ name: 'outside', type: 'float32', shape: ['scaled', 'scaled', 1] })
  const pick = g.input({ name: 'pick', type: 'int32', shape: ['edge', 'edge'] })
  const picked = ['picked0', 'picked1'].map(name => g.input({ name, type: 'int32', shape: ['pixels'] }))
  const rows = g.matmul(alongY, g.reshape(rgb, [window, window * columns]))
  const down = g.reshape(rows, [-1, window, columns])
  const scaled = g.reshape(g.add(g.matmul(alongX, down), outside), [-1, columns])
  const rotated = g.composite('PickRows', [scaled, pick, ...picked])
  return planes(g, g.transpose(rotated, [2, 0, 1]), icons)
}

/** [3N, rows, columns] as images, [N, 3, rows, columns]. */
export const planes = (g: GraphBuilder, x: string, icons: number): string =>
  g.reshape(g.node('Unsqueeze', [x, g.integers([0])]), [icons, 3, 0, 0])

/** The feeds of one drawn transform: the inputs of `warped`, and the window. */
export function warpFeeds(
  size: number,
  window: number,
  draw: Draw,
): { readonly warp: Record<string, Tensor>; readonly window: Record<string, Tensor> } {
  const {
    start: [top, left],
    alongY,
    alongX,
    outside,
    pick,
    picked,
  } = resampling(size, window, draw)
  return {
    warp: { alongY, alongX, outside, pick, picked0: picked[0], picked1: picked[1] },
    window: windowFeeds(top, left, window),
  }
}

/** The part of the image that is computed (`WindowView`). */
export const windowFeeds = (top: number, left: number, window: number): Record<string, Tensor> => ({
  top: int64([top]),
  bottom: int64([top + window]),
  left: int64([left]),
  right: int64([left + window]),
})
