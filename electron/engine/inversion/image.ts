import type { ImageParams } from '../../contract/inversion.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import { decorrelated } from './colour.ts'
import { spectrum } from './spectrum.ts'

/**
 * Values of the window of the image that is computed, int64 [1] each: its first row and column, and those after its
 * last.
 */
interface WindowView {
  readonly top: string
  readonly bottom: string
  readonly left: string
  readonly right: string
}

interface ImageOptions {
  /** Edge in pixels of the complete image, and of the window that is computed. */
  readonly size: number
  readonly window: number
  readonly icons: number
  readonly image?: ImageParams | undefined
  /**
   * A value [2·size, size/2+1, 1] instead of the constant amplitudes: those of a low-pass whose cutoff rises with the
   * steps.
   */
  readonly scale?: string | undefined
}

/**
 * From spectra to pictures: red, green, blue in 0 … 1 of the window, [window², 3N], of a spectrum [2·size, size/2+1,
 * 3N]. Products with the same few matrices for all icons. Pixels come first and icons last, so that a pixel of all
 * icons is contiguous in memory.
 */
export function imageOf(g: GraphBuilder, x: string, view: WindowView, options: ImageOptions): string {
  const { size, window, icons, image, scale } = options
  const half = size / 2 + 1
  const columns = 3 * icons
  const basis = spectrum(size, image?.falloff)
  const rows = (matrix: string, start: string, end: string): string =>
    g.node('Slice', [matrix, start, end, g.integers([0])])
  const amplitudes = scale ?? g.initializer(basis.scale, 'spectrum.scale')
  const colour = g.initializer(decorrelated(icons, image?.colour), 'colour')
  const alongY = g.reshape(rows(g.initializer(basis.alongY, 'fourier.y'), view.top, view.bottom), [
    2 * window,
    2 * size,
  ])
  const alongX = rows(g.initializer(basis.alongX, 'fourier.x'), view.left, view.right)
  const flat = g.reshape(g.mul(x, amplitudes), [2 * size, half * columns])
  const lines = g.reshape(g.matmul(alongY, flat), [window, 2 * half, columns])
  const pixels = g.reshape(g.matmul(alongX, lines), [window ** 2, columns])
  return g.node('Sigmoid', [g.matmul(pixels, colour)])
}
