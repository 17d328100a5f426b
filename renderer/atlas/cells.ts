import type { Cells as Columns } from '../../electron/contract/atlas.ts'

/** Cells per side of a tile; a tile is one texture layer and one request. */
export const TILE = 16

/** The cells of one grid of an atlas, as columns: i is the row (from y), j the column (from x). */
export type Cells = Columns & {
  /** Cells along each side of the whole square. */
  readonly grid: number
}

/** An index of one grid: cells by position, and a signature of each tile that changes with its icons. */
export class CellIndex {
  readonly cells: Cells
  readonly tiles: number
  readonly meanCount: number
  readonly #at: Int32Array
  readonly #signatures: Uint32Array

  constructor(cells: Cells) {
    this.cells = cells
    this.tiles = Math.ceil(cells.grid / TILE)
    this.#at = new Int32Array(cells.grid * cells.grid).fill(-1)
    this.#signatures = new Uint32Array(this.tiles * this.tiles)
    let sum = 0
    for (let k = 0; k < cells.i.length; k++) {
      const i = cells.i[k]!
      const j = cells.j[k]!
      this.#at[i * cells.grid + j] = k
      sum += cells.count[k]!
      const tile = this.tileOf(i, j)
      // FNV-1a over what an icon's pixels depend on: a tile is loaded again only if one of these changes.
      let hash = this.#signatures[tile]! || 0x811c9dc5
      hash = Math.imul(hash ^ (i * cells.grid + j), 0x01000193)
      hash = Math.imul(hash ^ cells.state[k]!, 0x01000193)
      hash = Math.imul(hash ^ Math.round((cells.fidelity[k]! || 0) * 1e6), 0x01000193)
      this.#signatures[tile] = hash >>> 0
    }
    this.meanCount = cells.i.length === 0 ? 0 : sum / cells.i.length
  }

  tileOf(i: number, j: number): number {
    return Math.floor(i / TILE) * this.tiles + Math.floor(j / TILE)
  }

  /** The shown cell in row i and column j, or −1. */
  at(i: number, j: number): number {
    const { grid } = this.cells
    return i < 0 || j < 0 || i >= grid || j >= grid ? -1 : this.#at[i * grid + j]!
  }

  /** The shown cell at a position of the unit square, or −1. */
  near(x: number, y: number): number {
    return this.at(Math.floor(y * this.cells.grid), Math.floor(x * this.cells.grid))
  }

  /** 0 if the tile has no cells. */
  signature(tile: number): number {
    return this.#signatures[tile]!
  }

  /**
   * Size of an icon as a share of its cell: √(density · n / mean n), at most 1 (the article's rule), and at
   * least 0.28, below which an icon is not recognisable.
   */
  size(k: number, density: number): number {
    if (this.meanCount === 0) return 1
    return Math.min(1, Math.max(0.28, Math.sqrt((density * this.cells.count[k]!) / this.meanCount)))
  }
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** Cells whose centre lies inside a closed polygon of the unit square (even-odd rule). */
export function cellsInside(cells: Cells, polygon: readonly Point[]): number[] {
  if (polygon.length < 3) return []
  const found: number[] = []
  for (let k = 0; k < cells.i.length; k++) {
    const x = (cells.j[k]! + 0.5) / cells.grid
    const y = (cells.i[k]! + 0.5) / cells.grid
    let inside = false
    for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
      const p = polygon[a]!
      const q = polygon[b]!
      if (p.y > y !== q.y > y && x < ((q.x - p.x) * (y - p.y)) / (q.y - p.y) + p.x) inside = !inside
    }
    if (inside) found.push(k)
  }
  return found
}
