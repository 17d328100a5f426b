import type { Camera } from './camera.ts'
import type { Cells } from './cells.ts'

/** Draws a thumbnail of a grid: one pixel of mean colour per cell. */
export function drawThumbnail(canvas: HTMLCanvasElement, cells: Cells): void {
  canvas.width = cells.grid
  canvas.height = cells.grid
  // Kept off the GPU, which would first finish compiling all shaders.
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return
  const image = context.createImageData(cells.grid, cells.grid)
  for (let k = 0; k < cells.i.length; k++) {
    const at = (cells.i[k]! * cells.grid + cells.j[k]!) * 4
    image.data.set(cells.colour.subarray(k * 3, k * 3 + 3), at)
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
