import { CellState } from '../../electron/contract/atlas.ts'
import type { Camera } from './camera.ts'
import type { Cells } from './cells.ts'

/** Standard deviation of the channels about a pixel's lightness, and of the lightness, of 255; judged by eye. */
const CHROMA = 20
const LIGHTNESS = 22

/**
 * The mean colours of cells, more saturated and with more contrast: means of whole icons are nearly grey. Hues stay, and
 * colours that vary more are not reduced. Cells without an icon keep their placeholder.
 * @returns [cells, 3]
 */
export function minimapColours({ colour, state }: Pick<Cells, 'colour' | 'state'>): Uint8ClampedArray {
  const shown = Array.from(state.keys()).filter(k => state[k] !== CellState.waiting)
  const lightness = (k: number): number => (colour[3 * k]! + colour[3 * k + 1]! + colour[3 * k + 2]!) / 3
  const mean = shown.reduce((sum, k) => sum + lightness(k), 0) / shown.length
  let [spread, chroma] = [0, 0]
  for (const k of shown) {
    spread += (lightness(k) - mean) ** 2 / shown.length
    for (let c = 0; c < 3; c++) chroma += (colour[3 * k + c]! - lightness(k)) ** 2 / (3 * shown.length)
  }
  const factor = (target: number, variance: number): number =>
    variance > 0 ? Math.max(1, target / Math.sqrt(variance)) : 1
  const [contrast, saturation] = [factor(LIGHTNESS, spread), factor(CHROMA, chroma)]
  const result = Uint8ClampedArray.from(colour)
  for (const k of shown)
    for (let c = 0; c < 3; c++)
      result[3 * k + c] = mean + contrast * (lightness(k) - mean) + saturation * (colour[3 * k + c]! - lightness(k))
  return result
}

/** Draws a thumbnail of a grid: a pixel per cell. */
export function drawThumbnail(canvas: HTMLCanvasElement, cells: Cells): void {
  canvas.width = cells.grid
  canvas.height = cells.grid
  // Kept off the GPU, which would first finish compiling all shaders.
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return
  const image = context.createImageData(cells.grid, cells.grid)
  const colours = minimapColours(cells)
  for (let k = 0; k < cells.i.length; k++) {
    const at = (cells.i[k]! * cells.grid + cells.j[k]!) * 4
    image.data.set(colours.subarray(k * 3, k * 3 + 3), at)
    image.data[at + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

/** The minimap: a thumbnail of the atlas, and the part in view. */
export class Minimap {
  readonly element: HTMLElement
  readonly #canvas: HTMLCanvasElement
  readonly #reticle: HTMLElement
  #cells: Cells | undefined

  constructor(element: HTMLElement) {
    this.element = element
    this.#canvas = document.createElement('canvas')
    this.#reticle = document.createElement('div')
    this.#reticle.dataset['reticle'] = ''
    element.append(this.#canvas, this.#reticle)
  }

  show(cells: Cells): void {
    if (cells === this.#cells) return
    this.#cells = cells
    drawThumbnail(this.#canvas, cells)
  }

  draw(camera: Camera): void {
    const a = camera.toWorld(0, 0)
    const b = camera.toWorld(camera.width, camera.height)
    const unit = (v: number): number => Math.min(1, Math.max(0, v))
    const [left, top, right, bottom] = [unit(a.x), unit(a.y), unit(b.x), unit(b.y)]
    const { style } = this.#reticle
    style.left = `${left * 100}%`
    style.top = `${top * 100}%`
    style.width = `${(right - left) * 100}%`
    style.height = `${(bottom - top) * 100}%`
    // Hidden while the whole atlas is in view.
    style.opacity = right - left > 0.98 && bottom - top > 0.98 ? '0' : '1'
  }

  dispose(): void {
    this.element.replaceChildren()
  }
}
