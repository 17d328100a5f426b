import type { Camera } from './camera.ts'
import type { Candidate } from './labels.ts'

/** The margin of the search around a view, and how much larger than the view the searched area may become, as shares. */
const [MARGIN, MAX_RATIO] = [0.25, 3]

/**
 * Candidate labels in the view and around it, in their order. They are searched again only when the view leaves the
 * searched area or becomes much smaller than it.
 */
export class NearbyLabels {
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
    const close = this.#right - this.#left <= MAX_RATIO * width && this.#bottom - this.#top <= MAX_RATIO * height
    if (all === this.#all && within && close) return this.#found
    this.#all = all
    const [dx, dy] = [MARGIN * width, MARGIN * height]
    ;[this.#left, this.#top] = [Math.max(0, from.x - dx), Math.max(0, from.y - dy)]
    ;[this.#right, this.#bottom] = [Math.min(1, to.x + dx), Math.min(1, to.y + dy)]
    this.#found = all.filter(({ x, y }) => x >= this.#left && x <= this.#right && y >= this.#top && y <= this.#bottom)
    return this.#found
  }
}
