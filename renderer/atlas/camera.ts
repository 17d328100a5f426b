import type { Point } from './cells.ts'
import { HYSTERESIS } from './levels.ts'

/** A camera position, independent of the pane's size: centre in the unit square, and zoom (1: the atlas fits). */
export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export const HOME: View = { x: 0.5, y: 0.5, zoom: 1 }
const MAX_ZOOM = 96
const MIN_ZOOM = 0.7
/** The square fills this much of the pane's shorter side at zoom 1. */
const MARGIN = 0.94
/** Time constant of movements, ms: short enough to follow the hand. */
const TIME_CONSTANT = 55

/**
 * Pan and zoom over the unit square, y downwards. Movements set a goal, which `step` approaches so that
 * the point under the pointer stays fixed; with reduced motion the goal is reached at once.
 */
export class Camera {
  width = 1
  height = 1
  instant = false
  /** Where zooming in ends, CSS pixels per unit of the square: larger icons would only be blurred. */
  largestScale = Number.POSITIVE_INFINITY
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

  /** Goes to a view, at once or as a movement. */
  go(view: View, movement: 'smooth' | 'instant' = 'smooth'): void {
    this.#goal = bounded(view)
    if (this.instant || movement === 'instant') this.#view = this.#goal
  }

  /** Pans by CSS pixels. */
  pan(dx: number, dy: number, movement: 'smooth' | 'instant' = 'instant'): void {
    const scale = this.#fit * this.#goal.zoom
    this.go({ ...this.#goal, x: this.#goal.x - dx / scale, y: this.#goal.y - dy / scale }, movement)
  }

  /** The zoom after a factor, within its bounds. */
  zoomBy(factor: number): number {
    const { zoom } = this.#goal
    const largest = Math.min(MAX_ZOOM, Math.max(zoom, this.largestScale / this.#fit, 1))
    return Math.min(largest, Math.max(MIN_ZOOM, zoom * factor))
  }

  /** Zooms by a factor about a fixed point of the pane, in CSS pixels. */
  zoomAt(factor: number, px: number, py: number, movement: 'smooth' | 'instant' = 'smooth'): void {
    const from = this.#goal
    const zoom = this.zoomBy(factor)
    const dx = px - this.width / 2
    const dy = py - this.height / 2
    const change = 1 / (this.#fit * from.zoom) - 1 / (this.#fit * zoom)
    this.go({ x: from.x + dx * change, y: from.y + dy * change, zoom }, movement)
  }

  /** Moves the view towards its goal. @returns whether it moved */
  step(milliseconds: number): boolean {
    const a = this.#view
    const b = this.#goal
    if (a === b) return false
    const fraction = 1 - Math.exp(-milliseconds / TIME_CONSTANT)
    const zoom = a.zoom * (b.zoom / a.zoom) ** fraction
    // Position is interpolated in 1/zoom, the size of the visible part: only so does the anchor of a zoom stay fixed.
    const part = Math.abs(a.zoom / b.zoom - 1) < 1e-4 ? fraction : (1 / a.zoom - 1 / zoom) / (1 / a.zoom - 1 / b.zoom)
    const next = { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part, zoom }
    const scale = this.#fit * zoom
    const rest = Math.max(Math.abs(next.x - b.x) * scale, Math.abs(next.y - b.y) * scale)
    this.#view = rest < 0.25 && Math.abs(zoom / b.zoom - 1) < 5e-4 ? b : next
    return true
  }

  /** The point of the unit square under a CSS pixel of the pane. */
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

/** Limits a view: centre within the unit square, zoom within its range. */
function bounded(view: View): View {
  const unit = (value: number): number => Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0.5))
  const zoom = Number.isFinite(view.zoom) ? Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, view.zoom)) : 1
  return { x: unit(view.x), y: unit(view.y), zoom }
}

/** Cameras that move together and show the same part of the unit square. */
export class CameraLink {
  readonly #cameras = new Map<Camera, () => void>()

  /** The scale that the linked cameras choose their grids for; 0: none yet. */
  #levelScale = 0

  /**
   * The scale, in CSS pixels per unit of the square, that linked cameras choose their grids for, so that panes of slightly
   * different sizes show the same one: the smallest, with the hysteresis of grids.
   * @returns undefined for a camera that is linked to no other
   */
  levelScale(camera: Camera): number | undefined {
    const scales = [...this.#cameras.keys()].filter(({ width }) => width > 0).map(({ scale }) => scale)
    if (!this.#cameras.has(camera) || scales.length < 2) return undefined
    const smallest = Math.min(...scales)
    const ratio = smallest / this.#levelScale
    if (!(ratio < HYSTERESIS && ratio > 1 / HYSTERESIS)) this.#levelScale = smallest
    return this.#levelScale
  }

  /** @returns a function that removes the camera */
  join(camera: Camera, moved: () => void): () => void {
    this.#cameras.set(camera, moved)
    return () => void this.#cameras.delete(camera)
  }

  /** Moves all other cameras to the goal of this one. */
  follow(leader: Camera, movement: 'smooth' | 'instant'): void {
    if (!this.#cameras.has(leader)) return
    for (const [camera, moved] of this.#cameras) {
      if (camera === leader) continue
      camera.go(leader.goal, movement)
      moved()
    }
  }
}
