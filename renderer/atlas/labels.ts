import type { Camera } from './camera.ts'
import type { MapTexts } from './cell-texts.ts'
import type { CellIndex } from './cells.ts'

/** A candidate label: text, position and weight. */
export interface Candidate {
  readonly cell: number
  readonly text: string
  /** Position in the unit square. */
  readonly x: number
  readonly y: number
  readonly weight: number
  /** Minimum distance from others, CSS pixels. */
  readonly spacing: number
}

export interface Placed {
  readonly candidate: Candidate
  readonly x: number
  readonly y: number
  readonly width: number
}

/** Height of a label in CSS pixels; its width is estimated, not measured, to stay off the DOM. */
export const LABEL_HEIGHT = 24
/** Minimum distance between labels, CSS pixels: icons should stay visible. Values under a filter are short, and stand close. */
const SPACING = 52
const VALUE_SPACING = 10
/** Width per character of bold 14 px text in the window's typeface, px. */
const PER_CHARACTER = 8.2
/** Minimum distance between labels with the same text, CSS pixels. */
const SAME_TEXT_SPACING = 420
const MAX_LABELS = 32

export function labelWidth(text: string): number {
  return Math.min(240, Math.ceil(text.length * PER_CHARACTER) + 12)
}

/** Candidates of one grid, heaviest first: √samples × agreement, or under a filter the strength of the attribution. */
export function candidates(index: CellIndex, { cells: texts, filtered }: MapTexts): Candidate[] {
  const { cells } = index
  const all: Candidate[] = []
  for (let k = 0; k < cells.i.length; k++) {
    const text = texts[k]
    if (!text || text.far === null) continue
    all.push({
      cell: k,
      text: text.far,
      x: (cells.j[k]! + 0.5) / cells.grid,
      y: (cells.i[k]! + 0.5) / cells.grid,
      spacing: filtered ? VALUE_SPACING : SPACING,
      weight: filtered ? text.weight : Math.sqrt(cells.count[k]!) * text.weight,
    })
  }
  return all.sort((a, b) => b.weight - a.weight || a.cell - b.cell)
}

/**
 * Greedy placement: heaviest first, without overlaps, with equal texts kept apart. Labels that are already shown are
 * tried first, so that a movement does not make them jump.
 * @param current labels shown now, in their order
 */
export function placeLabels(
  sorted: readonly Candidate[],
  camera: Camera,
  current: readonly Candidate[] = [],
  limit = MAX_LABELS,
): Placed[] {
  const occupied = new OccupiedAreas(camera.width, camera.height)
  const placed: Placed[] = []
  const byText = new Map<string, { x: number; y: number }[]>()
  const from = camera.toWorld(0, 0)
  const to = camera.toWorld(camera.width, camera.height)
  const consider = (candidate: Candidate): void => {
    const outside = candidate.x < from.x || candidate.x > to.x || candidate.y < from.y || candidate.y > to.y
    if (outside || placed.length >= limit) return
    const at = camera.toScreen(candidate.x, candidate.y)
    const width = labelWidth(candidate.text)
    const left = at.x - width / 2
    const top = at.y - LABEL_HEIGHT / 2
    if (left < 4 || top < 4 || left + width > camera.width - 4 || top + LABEL_HEIGHT > camera.height - 4) return
    const before = byText.get(candidate.text)
    if (before?.some(p => Math.hypot(p.x - at.x, p.y - at.y) < SAME_TEXT_SPACING)) return
    const margin = candidate.spacing / 2
    if (!occupied.take(left - margin, top - margin, width + candidate.spacing, LABEL_HEIGHT + candidate.spacing)) return
    if (before) before.push(at)
    else byText.set(candidate.text, [at])
    placed.push({ candidate, x: left, y: top, width })
  }
  for (const one of current) consider(one)
  const tried = new Set(current)
  for (const one of sorted) {
    if (placed.length >= limit) break
    if (!tried.has(one)) consider(one)
  }
  return placed
}

/** Occupied rectangles in buckets, so that a test visits few neighbours. */
class OccupiedAreas {
  readonly #columns: number
  readonly #buckets: Map<number, (readonly [number, number, number, number])[]> = new Map()

  constructor(width: number, _height: number) {
    this.#columns = Math.ceil(width / 128) + 2
  }

  take(left: number, top: number, width: number, height: number): boolean {
    const cells: number[] = []
    for (let row = Math.floor(top / 64); row <= Math.floor((top + height) / 64); row++) {
      for (let column = Math.floor(left / 128); column <= Math.floor((left + width) / 128); column++) {
        cells.push(row * this.#columns + column)
      }
    }
    for (const cell of cells) {
      for (const [l, t, r, b] of this.#buckets.get(cell) ?? []) {
        if (left < r && left + width > l && top < b && top + height > t) return false
      }
    }
    for (const cell of cells) {
      const bucket = this.#buckets.get(cell) ?? []
      bucket.push([left, top, left + width, top + height])
      this.#buckets.set(cell, bucket)
    }
    return true
  }
}
