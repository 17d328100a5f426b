import type { Point } from './cells.ts'

/** What a camera looks at, whatever the size of its pane: the centre in the unit square, and 1 = the whole fits. */
export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export const HOME: View = { x: 0.5, y: 0.5, zoom: 1 }
const NEAREST = 96
const FARTHEST = 0.7
/** The square fills this much of the pane's shorter side at zoom 1. */
const MARGIN = 0.94
/** Time in which two thirds of a movement are done, in ms: short enough to feel attached to the hand. */
const SWIFTNESS = 55

/**
 * Pan and zoom over the unit square, y downwards. Movements set a goal; `step` brings the view nearer to it,
 * so that the point under the pointer stays there throughout, and is instant where motion is to be reduced.
 */
export class Camera {
  width = 1
  height = 1
  instant = false
  #view: View = HOME
  #goal: View = HOME

  get view(): View {
    return this.#view
  }

  get goal(): View {
    return this.#goal
  }

  /** CSS pixels per unit of the square. */
  get scale(): number {
    return this.#fit * this.#view.zoom
  }

  get #fit(): number {
    return Math.max(1, Math.min(this.width, this.height) * MARGIN)
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width)
    this.height = Math.max(1, height)
  }

  /** Go to a view; at once, or as a movement. */
  go(view: View, movement: 'smooth' | 'instant' = 'smooth'): void {
    this.#goal = bounded(view)
    if (this.instant || movement === 'instant') this.#view = this.#goal
  }

  /** Move the content by CSS pixels, attached to the hand. */
  pan(dx: number, dy: number, movement: 'smooth' | 'instant' = 'instant'): void {
    const scale = this.#fit * this.#goal.zoom
    this.go({ ...this.#goal, x: this.#goal.x - dx / scale, y: this.#goal.y - dy / scale }, movement)
  }

  /** Zoom by a factor about a point of the pane in CSS pixels; the world under it stays. */
  zoomAt(factor: number, px: number, py: number, movement: 'smooth' | 'instant' = 'smooth'): void {
    const from = this.#goal
    const zoom = Math.min(NEAREST, Math.max(FARTHEST, from.zoom * factor))
    const dx = px - this.width / 2
    const dy = py - this.height / 2
    const change = 1 / (this.#fit * from.zoom) - 1 / (this.#fit * zoom)
    this.go({ x: from.x + dx * change, y: from.y + dy * change, zoom }, movement)
  }

  /** Bring the view nearer to its goal. @returns whether it moved */
  step(milliseconds: number): boolean {
    const a = this.#view
    const b = this.#goal
    if (a === b) return false
    const nearer = 1 - Math.exp(-milliseconds / SWIFTNESS)
    const zoom = a.zoom * (b.zoom / a.zoom) ** nearer
    // Position follows 1/zoom, the size of the visible part: only so does the anchor of a zoom stand still.
    const part = Math.abs(a.zoom / b.zoom - 1) < 1e-4 ? nearer : (1 / a.zoom - 1 / zoom) / (1 / a.zoom - 1 / b.zoom)
    const next = { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part, zoom }
    const scale = this.#fit * zoom
    const rest = Math.max(Math.abs(next.x - b.x) * scale, Math.abs(next.y - b.y) * scale)
    this.#view = rest < 0.25 && Math.abs(zoom / b.zoom - 1) < 5e-4 ? b : next
    return true
  }

  /** The unit square's point under a CSS pixel of the pane. */
  toWorld(px: number, py: number): Point {
    return {
      x: this.#view.x + (px - this.width / 2) / this.scale,
      y: this.#view.y + (py - this.height / 2) / this.scale,
    }
  }

  toScreen(x: number, y: number): Point {
    return {
      x: (x - this.#view.x) * this.scale + this.width / 2,
      y: (y - this.#view.y) * this.scale + this.height / 2,
    }
  }
}

/** Keep the square in reach: its centre never leaves it, and the zoom has ends. */
function bounded(view: View): View {
  const unit = (value: number): number => Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0.5))
  const zoom = Number.isFinite(view.zoom) ? Math.min(NEAREST, Math.max(FARTHEST, view.zoom)) : 1
  return { x: unit(view.x), y: unit(view.y), zoom }
}

/** Cameras that move together; each pane keeps its own size, so the same part of the square fills each. */
export class CameraLink {
  readonly #cameras = new Map<Camera, () => void>()

  /** @returns a function that takes the camera out again */
  join(camera: Camera, moved: () => void): () => void {
    this.#cameras.set(camera, moved)
    return () => void this.#cameras.delete(camera)
  }

  /** Tell all others where this camera goes. */
  follow(leader: Camera, movement: 'smooth' | 'instant'): void {
    if (!this.#cameras.has(leader)) return
    for (const [camera, moved] of this.#cameras) {
      if (camera === leader) continue
      camera.go(leader.goal, movement)
      moved()
    }
  }
}
