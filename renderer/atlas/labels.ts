import type { Camera } from './camera.ts'
import type { CellIndex } from './cells.ts'

/** A label that may be drawn: what it says, where, and how much it deserves the room. */
export interface Candidate {
  readonly cell: number
  readonly text: string
  /** Position in the unit square. */
  readonly x: number
  readonly y: number
  readonly share: number
  readonly weight: number
}

export interface Placed {
  readonly candidate: Candidate
  readonly x: number
  readonly y: number
  readonly width: number
}

/** Height of a label in CSS pixels; its width is estimated, not measured, to stay off the DOM. */
export const LABEL_HEIGHT = 22
/** Labels keep this far from each other: the icons are what one came to see. */
const AROUND = 44
/** Text of 12 px in the window's typeface takes about this much per character. */
const PER_CHARACTER = 6.4
/** The same words again nearer than this say nothing new. */
const SAME_APART = 420
const MOST = 44

export const labelWidth = (text: string): number => Math.min(180, Math.ceil(text.length * PER_CHARACTER) + 12)

/** Candidates of one grid, the weightiest first: samples in the cell × share that agrees. */
export function candidates(index: CellIndex, name: (label: number) => string): Candidate[] {
  const { cells } = index
  const all: Candidate[] = []
  for (let k = 0; k < cells.i.length; k++) {
    const label = cells.label[k]!
    // Where fewer than one sample in twelve agrees, a label would claim what the data does not say.
    if (label < 0 || !(cells.share[k]! > 1 / 12)) continue
    all.push({
      cell: k,
      text: name(label),
      x: (cells.j[k]! + 0.5) / cells.grid,
      y: (cells.i[k]! + 0.5) / cells.grid,
      share: cells.share[k]!,
      weight: Math.sqrt(cells.count[k]!) * cells.share[k]!,
    })
  }
  return all.sort((a, b) => b.weight - a.weight || a.cell - b.cell)
}

/**
 * Greedy placement: the weightiest first, none overlapping another, repeated words kept apart. Labels that
 * already stand are tried first, so that a movement does not make them jump.
 * @param standing those shown now, in their order
 */
export function placeLabels(
  sorted: readonly Candidate[],
  camera: Camera,
  standing: readonly Candidate[] = [],
  most = MOST,
): Placed[] {
  const room = new Room(camera.width, camera.height)
  const placed: Placed[] = []
  const said = new Map<string, { x: number; y: number }[]>()
  const from = camera.toWorld(0, 0)
  const to = camera.toWorld(camera.width, camera.height)
  const consider = (candidate: Candidate): void => {
    const outside = candidate.x < from.x || candidate.x > to.x || candidate.y < from.y || candidate.y > to.y
    if (outside || placed.length >= most) return
    const at = camera.toScreen(candidate.x, candidate.y)
    const width = labelWidth(candidate.text)
    const left = at.x - width / 2
    const top = at.y - LABEL_HEIGHT / 2
    if (left < 4 || top < 4 || left + width > camera.width - 4 || top + LABEL_HEIGHT > camera.height - 4) return
    const before = said.get(candidate.text)
    if (before?.some(p => Math.hypot(p.x - at.x, p.y - at.y) < SAME_APART)) return
    if (!room.take(left - AROUND / 2, top - AROUND / 2, width + AROUND, LABEL_HEIGHT + AROUND)) return
    if (before) before.push(at)
    else said.set(candidate.text, [at])
    placed.push({ candidate, x: left, y: top, width })
  }
  for (const one of standing) consider(one)
  const tried = new Set(standing)
  for (const one of sorted) {
    if (placed.length >= most) break
    if (!tried.has(one)) consider(one)
  }
  return placed
}

/** Taken rectangles, bucketed, so that a test looks at a handful of neighbours. */
class Room {
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
