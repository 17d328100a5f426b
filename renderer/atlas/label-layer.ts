import type { Camera } from './camera.ts'
import { type Candidate, type Placed, placeLabels } from './labels.ts'
import { NearbyLabels } from './nearby-labels.ts'

/** The labels as HTML over the canvas: text positioned by transforms, without measuring it. */
export class LabelLayer {
  readonly element: HTMLElement
  readonly #spans = new Map<number, HTMLSpanElement>()
  readonly #pool: HTMLSpanElement[] = []
  readonly #nearby = new NearbyLabels()
  #candidates: readonly Candidate[] = []
  #placed: readonly Placed[] = []
  #drawn = ''

  constructor(element: HTMLElement) {
    this.element = element
  }

  /** The placed labels. */
  get placed(): readonly Placed[] {
    return this.#placed
  }

  show(candidates: readonly Candidate[]): void {
    if (candidates === this.#candidates) return
    this.#candidates = candidates
    this.clear()
  }

  /** Updates the labels for the camera. A pan only moves them. */
  draw(camera: Camera): void {
    const { x, y, zoom } = camera.view
    const key = `${x},${y},${zoom},${camera.width},${camera.height}`
    if (key === this.#drawn) return
    this.#drawn = key
    this.#placed = placeLabels(
      this.#nearby.of(this.#candidates, camera),
      camera,
      this.#placed.map(p => p.candidate),
    )
    const needed = new Set(this.#placed.map(p => p.candidate.cell))
    for (const cell of [...this.#spans.keys()]) if (!needed.has(cell)) this.#release(cell)
    for (const { candidate, x: left, y: top } of this.#placed) {
      let span = this.#spans.get(candidate.cell)
      if (!span) {
        span = this.#pool.pop() ?? this.#create()
        span.textContent = candidate.text
        span.hidden = false
        this.#spans.set(candidate.cell, span)
      }
      span.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
    }
  }

  clear(): void {
    for (const cell of [...this.#spans.keys()]) this.#release(cell)
    this.#placed = []
    this.#drawn = ''
  }

  dispose(): void {
    this.element.replaceChildren()
  }

  #create(): HTMLSpanElement {
    const span = document.createElement('span')
    this.element.append(span)
    return span
  }

  #release(cell: number): void {
    const span = this.#spans.get(cell)!
    span.hidden = true
    this.#spans.delete(cell)
    this.#pool.push(span)
  }
}
