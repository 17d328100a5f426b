import type { GraphBuilder } from '../onnx/builder.ts'
import { decorrelated } from './colour.ts'
import { spectrum } from './spectrum.ts'

/** Values that say which part of the image is computed, int64 [1] each: its first row and column, and the ones behind its last. */
export interface WindowView {
  readonly top: string
  readonly bottom: string
  readonly left: string
  readonly right: string
}

/**
 * From spectra to pictures, and the way back of a gradient: products with the same few matrices, side by side.
 * Pixels come first and icons last ([y, x, 3N]), so that a pixel of all icons is one run of memory.
 */
export class SpectrumImage {
  readonly #g: GraphBuilder
  readonly #size: number
  readonly #window: number
  readonly #columns: number
  readonly #scale: string
  readonly #colour: string
  readonly #alongY: string
  readonly #alongX: string

  /** @param window edge in pixels of the part that is computed */
  constructor(g: GraphBuilder, size: number, icons: number, window: number, view: WindowView) {
    this.#g = g
    this.#size = size
    this.#window = window
    this.#columns = 3 * icons
    const basis = spectrum(size)
    const rows = (matrix: string, start: string, end: string): string =>
      g.node('Slice', [matrix, start, end, g.integers([0])])
    this.#scale = g.initializer(basis.scale, 'spectrum.scale')
    this.#colour = g.initializer(decorrelated(icons), 'colour')
    const alongY = rows(g.initializer(basis.alongY, 'fourier.y'), view.top, view.bottom)
    this.#alongY = g.reshape(alongY, [2 * window, 2 * size])
    this.#alongX = rows(g.initializer(basis.alongX, 'fourier.x'), view.left, view.right)
  }

  get #half(): number {
    return this.#size / 2 + 1
  }

  /** Red, green, blue in 0 … 1 of the window, [window², 3N], of a spectrum [2·size, size/2+1, 3N]. */
  forward(spectrum: string): string {
    const g = this.#g
    const flat = g.reshape(g.mul(spectrum, this.#scale), [2 * this.#size, this.#half * this.#columns])
    const lines = g.reshape(g.matmul(this.#alongY, flat), [this.#window, 2 * this.#half, this.#columns])
    const pixels = g.reshape(g.matmul(this.#alongX, lines), [this.#window ** 2, this.#columns])
    return g.node('Sigmoid', [g.matmul(pixels, this.#colour)])
  }

  /** Gradient of the spectrum, [2·size, size/2+1, 3N], of a gradient of the window. @param rgb what `forward` made */
  reverse(gradient: string, rgb: string): string {
    const g = this.#g
    const slope = g.mul(rgb, g.sub(g.scalar(1), rgb))
    const pixels = g.matmul(g.mul(gradient, slope), g.transpose(this.#colour, [1, 0]))
    const square = g.reshape(pixels, [this.#window, this.#window, this.#columns])
    const lines = g.matmul(g.transpose(this.#alongX, [1, 0]), square)
    const flat = g.reshape(lines, [2 * this.#window, this.#half * this.#columns])
    const frequencies = g.matmul(g.transpose(this.#alongY, [1, 0]), flat)
    return g.mul(g.reshape(frequencies, [2 * this.#size, this.#half, this.#columns]), this.#scale)
  }
}
