import type { Camera } from './camera.ts'
import type { MapTexts } from './cell-texts.ts'
import type { CellIndex } from './cells.ts'
import css from './labels.module.css'

/** Side of an icon from which on it carries its classes at its foot, CSS pixels. */
export const NEAR_ICON = 84
/** Further lines each need so much more, CSS pixels. */
const PER_LINE = 22
/** Of so many icons no text could be read. */
const MAX_CELLS = 600

/** Lines of text at the foot of each icon in view, for icons that are large enough to be read one by one. */
export class FootLabels {
  readonly #element: HTMLElement
  readonly #shown = new Map<number, HTMLElement>()
  readonly #pool: HTMLElement[] = []
  #texts: MapTexts | undefined
  #drawn = ''

  constructor(element: HTMLElement) {
    this.#element = element
  }

  /** @param density as of the icons: texts are as wide as their icons */
  draw(camera: Camera, index: CellIndex, texts: MapTexts, density: number): void {
    const { grid } = texts
    const side = camera.scale / grid
    const { x, y } = camera.view
    const key = `${x},${y},${side},${camera.width},${camera.height},${density}`
    if (texts !== this.#texts) {
      this.clear()
      this.#texts = texts
    }
    if (key === this.#drawn) return
    this.#drawn = key
    const [from, to] = [camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height)]
    const [top, left] = [Math.max(0, Math.floor(from.y * grid)), Math.max(0, Math.floor(from.x * grid))]
    const [bottom, right] = [Math.min(grid - 1, Math.floor(to.y * grid)), Math.min(grid - 1, Math.floor(to.x * grid))]
    const needed = new Set<number>()
    for (let i = top; i <= bottom; i++)
      for (let j = left; j <= right && needed.size < MAX_CELLS; j++) {
        const cell = index.at(i, j)
        const text = cell < 0 ? null : texts.cells[cell]
        if (!text) continue
        const icon = side * index.size(cell, density)
        const lines = Math.min(text.near.length, 1 + Math.floor((icon - NEAR_ICON) / PER_LINE))
        if (lines < 1) continue
        needed.add(cell)
        const element = this.#shown.get(cell) ?? this.#take(cell, text.near, text.reliable)
        const at = camera.toScreen((j + 0.5) / grid, (i + 0.5) / grid)
        element.style.width = `${Math.round(icon)}px`
        element.style.transform = `translate(${Math.round(at.x - icon / 2)}px, ${Math.round(at.y + icon / 2)}px) translateY(-100%)`
        element.style.setProperty('--lines', String(lines))
      }
    for (const cell of [...this.#shown.keys()]) if (!needed.has(cell)) this.#release(cell)
  }

  clear(): void {
    for (const cell of [...this.#shown.keys()]) this.#release(cell)
    this.#texts = undefined
    this.#drawn = ''
  }

  #take(cell: number, lines: readonly string[], reliable: boolean): HTMLElement {
    const element = this.#pool.pop() ?? document.createElement('div')
    element.className = css['foot'] ?? ''
    element.dataset['reliable'] = String(reliable)
    element.replaceChildren(
      ...lines.map(text => {
        const line = document.createElement('p')
        line.textContent = text
        return line
      }),
    )
    this.#element.append(element)
    this.#shown.set(cell, element)
    return element
  }

  #release(cell: number): void {
    const element = this.#shown.get(cell)!
    element.remove()
    this.#shown.delete(cell)
    this.#pool.push(element)
  }
}
