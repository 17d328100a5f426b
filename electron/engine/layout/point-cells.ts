/** Points by index, [n, dimensions]. */
export interface Points {
  readonly coordinates: Float64Array
  readonly dimensions: number
}

interface Cell {
  /** Its lower corner. */
  readonly corner: readonly number[]
  readonly points: number[]
}

/** Cells along an axis at most, so that two of them make one number exactly. */
const MOST_CELLS = 2 ** 24

/** Some of the points of a map, by the square cells that they lie in: what is near is found without comparing all. */
export class PointCells {
  readonly #points: Points
  readonly #origin: readonly number[]
  readonly #edge: number
  readonly #cells = new Map<number, Cell>()

  /**
   * @param points those of the map, at first none of which is in a cell; they may be moved before they are added
   * @param edge   of a cell; larger where the map is too wide for it
   */
  constructor(points: Points, edge: number) {
    this.#points = points
    const { low, high } = boundsOf(points)
    this.#origin = low
    this.#edge = Math.max(edge, ...low.map((from, d) => (high[d]! - from) / (MOST_CELLS - 2)))
  }

  /** @param some points, which from now on stay where they are */
  add(some: readonly number[]): void {
    for (const point of some) {
      const place = this.#origin.map((_, d) => this.#cellAlong(this.#along(point, d), d))
      const key = keyOf(place)
      const cell = this.#cells.get(key)
      if (cell !== undefined) cell.points.push(point)
      else this.#cells.set(key, { corner: place.map((at, d) => this.#origin[d]! + at * this.#edge), points: [point] })
    }
  }

  /** The nearest pair of one of some points and one that was added. */
  nearestPair(some: readonly number[]): { readonly from: number; readonly to: number; readonly distance: number } {
    const bounds = boundsOf(this.#points, some)
    let [from, to, minimum] = [some[0]!, -1, Number.POSITIVE_INFINITY]
    const compare = (cell: Cell): void => {
      for (const a of some)
        for (const b of cell.points) {
          const squared = this.squaredDistance(a, b)
          if (squared < minimum) [from, to, minimum] = [a, b, squared]
        }
    }
    let first: Cell | undefined
    let nearest = Number.POSITIVE_INFINITY
    for (const cell of this.#cells.values()) {
      const apart = this.#squaredGap(cell, bounds)
      if (apart < nearest) [first, nearest] = [cell, apart]
    }
    if (first !== undefined) compare(first)
    for (const cell of this.#cells.values())
      if (cell !== first && this.#squaredGap(cell, bounds) < minimum) compare(cell)
    return { from, to, distance: Math.sqrt(minimum) }
  }

  /** Whether no point that was added is nearer than `apart` to any of some points, were they moved. @param apart at most the edge */
  isFree(some: readonly number[], way: readonly number[], apart: number): boolean {
    return some.every(point => {
      const at = way.map((step, d) => this.#along(point, d) + step)
      const from = at.map((x, d) => this.#cellAlong(x - apart, d))
      const to = at.map((x, d) => this.#cellAlong(x + apart, d))
      for (let i = from[0]!; i <= to[0]!; i++)
        for (let j = from[1] ?? 0; j <= (to[1] ?? 0); j++) {
          const near = this.#cells.get(keyOf([i, j]))?.points ?? []
          if (near.some(other => this.squaredDistance(point, other, way) < apart ** 2)) return false
        }
      return true
    })
  }

  /** @param way that a is moved before */
  squaredDistance(a: number, b: number, way?: readonly number[]): number {
    let squared = 0
    for (let d = 0; d < this.#origin.length; d++)
      squared += (this.#along(a, d) + (way?.[d] ?? 0) - this.#along(b, d)) ** 2
    return squared
  }

  #along(point: number, d: number): number {
    return this.#points.coordinates[point * this.#points.dimensions + d]!
  }

  #cellAlong(x: number, d: number): number {
    return Math.floor((x - this.#origin[d]!) / this.#edge)
  }

  #squaredGap({ corner }: Cell, { low, high }: Bounds): number {
    let squared = 0
    for (let d = 0; d < corner.length; d++)
      squared += Math.max(0, corner[d]! - high[d]!, low[d]! - corner[d]! - this.#edge) ** 2
    return squared
  }
}

/** Of a cell by its row and column. Neighbours of cells at the border are beyond it: numbers may be negative. */
const keyOf = ([i, j = 0]: readonly number[]): number => i! * 2 * MOST_CELLS + j

interface Bounds {
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/** The smallest box around some points, or all. */
function boundsOf({ coordinates, dimensions }: Points, some?: readonly number[]): Bounds {
  const low = new Array<number>(dimensions).fill(Number.POSITIVE_INFINITY)
  const high = new Array<number>(dimensions).fill(Number.NEGATIVE_INFINITY)
  const count = some?.length ?? coordinates.length / dimensions
  for (let k = 0; k < count; k++)
    for (let d = 0; d < dimensions; d++) {
      const x = coordinates[(some?.[k] ?? k) * dimensions + d]!
      low[d] = Math.min(low[d]!, x)
      high[d] = Math.max(high[d]!, x)
    }
  return { low, high }
}
