import type { Views } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import { float32, type Tensor } from '../onnx/tensor.ts'
import type { Random } from '../random/random.ts'
import { planes } from './warp.ts'

/** Value outside the image. */
const GREY = 0.5
/** Softness of the round window's border, as a fraction of the edge. */
const SOFTNESS = 0.05

/** A drawn view: a rotated and scaled square of the image. */
export interface View {
  /** Edge of the network's input in pixels. */
  readonly edge: number
  /** Pixels of the image from one pixel of the view to the next. */
  readonly zoom: number
  readonly radians: number
  /** The offset of the view's centre from the image's, in pixels of the image: across, down. */
  readonly shift: readonly [number, number]
}

/** Draws a view with the edge of a stage of the steps. @param views edges in pixels */
export function drawView(views: Views, share: number, random: Random): View {
  const stage = views.views.find(({ until }) => share < until) ?? views.views.at(-1)!
  const edge = stage.size as number
  const [min, max] = views.zoom.map(Math.log) as [number, number]
  const zoom = Math.exp(random.between(min, max))
  const radians = (random.between(-1, 1) * random.between(0, 1) * views.rotation * Math.PI) / 180
  const far = views.shift * edge
  return { edge, zoom, radians, shift: [random.between(-far, far), random.between(-far, far)] }
}

/** The same part of an image of `size` pixels, seen by a network whose input has another edge. */
export const atEdge = (view: View, edge: number, size: number): View => ({
  ...view,
  edge,
  zoom: (view.zoom * size) / edge,
})

/**
 * The affine view of a batch, in two passes of linear interpolation (Catmull and Smith, 1980): first along the rows of
 * the image, then down the columns of the result. Both are products with matrices that are inputs, so autodiff has
 * the derivative, and the soft window takes no extra time.
 * @param rgb [size², 3N], 0 … 1
 * @returns [N, 3, edge, edge]
 */
export function viewed(g: GraphBuilder, rgb: string, icons: number, size: number): string {
  const across = g.input({ name: 'across', type: 'float32', shape: [size, 'edge', size] })
  const down = g.input({ name: 'down', type: 'float32', shape: ['edge', 'edge', size] })
  const centred = g.reshape(g.sub(rgb, g.scalar(GREY)), [size, size, 3 * icons])
  const lines = g.transpose(g.matmul(across, centred), [1, 0, 2])
  const seen = g.add(g.matmul(down, lines), g.scalar(GREY))
  return planes(g, g.transpose(seen, [2, 1, 0]), icons)
}

/** The matrices of a view. @param radius of the soft round window, as a share of the edge; undefined for none */
export function viewFeeds(size: number, view: View, radius?: number): Record<string, Tensor> {
  const { edge, zoom, radians, shift } = view
  const [cos, sin] = [zoom * Math.cos(radians), zoom * Math.sin(radians)]
  const middle = (size - 1) / 2
  const [left, top] = [middle + shift[0], middle + shift[1]]
  const across = float32([size, edge, size])
  const down = float32([edge, edge, size])
  const interpolate = (matrix: Float32Array, row: number, at: number, weight: (pixel: number) => number): void => {
    const low = Math.floor(at)
    if (low >= 0 && low < size) matrix[row * size + low] = (1 - (at - low)) * weight(low)
    if (low + 1 >= 0 && low + 1 < size) matrix[row * size + low + 1] = (at - low) * weight(low + 1)
  }
  for (let column = 0; column < edge; column++) {
    const u = column - (edge - 1) / 2
    for (let y = 0; y < size; y++) {
      // The intersection of the view's column with this row of the image.
      const v = (y - top - sin * u) / cos
      interpolate(across.data, y * edge + column, left + cos * u - sin * v, x =>
        radius === undefined ? 1 : softWindow(Math.hypot(x - middle, y - middle) / size, radius),
      )
    }
    for (let row = 0; row < edge; row++) {
      const v = row - (edge - 1) / 2
      interpolate(down.data, column * edge + row, top + sin * u + cos * v, () => 1)
    }
  }
  return { across, down }
}

/** 1 inside a radius, 0 outside, softly: a logistic function of the distance. */
const softWindow = (distance: number, radius: number): number => 1 / (1 + Math.exp((distance - radius) / SOFTNESS))
