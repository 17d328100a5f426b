import type { Camera } from './camera.ts'
import type { Candidate } from './labels.ts'

/** Of a view's width or height: how far around it candidates are sought, and how much larger that may become. */
const [AHEAD, LARGER] = [0.25, 3]

/**
 * Candidates in the view and around it, in their order. Most of a fine grid is elsewhere while one looks at it closely,
 * so they are sought again only when the view leaves where they were sought, or has become much smaller than that.
 */
export class Nearby {
  #all: readonly Candidate[] = []
  #found: readonly Candidate[] = []
  #left = 0
  #top = 0
  #right = 0
  #bottom = 0

  of(all: readonly Candidate[], camera: Camera): readonly Candidate[] {
    const [from, to] = [camera.toWorld(0, 0), camera.toWorld(camera.width, camera.height)]
    const [left, top] = [Math.max(0, from.x), Math.max(0, from.y)]
    const [right, bottom] = [Math.min(1, to.x), Math.min(1, to.y)]
    const [width, height] = [to.x - from.x, to.y - from.y]
    const within = left >= this.#left && top >= this.#top && right <= this.#right && bottom <= this.#bottom
    const close = this.#right - this.#left <= LARGER * width && this.#bottom - this.#top <= LARGER * height
    if (all === this.#all && within && close) return this.#found
    this.#all = all
    const [aside, above] = [AHEAD * width, AHEAD * height]
    ;[this.#left, this.#top] = [Math.max(0, from.x - aside), Math.max(0, from.y - above)]
    ;[this.#right, this.#bottom] = [Math.min(1, to.x + aside), Math.min(1, to.y + above)]
    this.#found = all.filter(({ x, y }) => x >= this.#left && x <= this.#right && y >= this.#top && y <= this.#bottom)
    return this.#found
  }
}
