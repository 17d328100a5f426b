/** The visible cells of a grid: rows and columns, the last ones included. */
export interface Region {
  readonly grid: number
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

type Place = { readonly grid: number; readonly i: number; readonly j: number }

/** The cells that are visible in a window, which are computed first. It changes only the order, not the results. */
export class Attention {
  readonly #regions = new Map<number, Region>()

  look(atlas: number, region: Region): void {
    this.#regions.set(atlas, region)
  }

  /** Sorts the cells of an atlas: visible ones first, then those of the same grid; otherwise in their order. */
  sorted<T extends Place>(atlas: number, cells: readonly T[]): T[] {
    const region = this.#regions.get(atlas)
    if (region === undefined) return [...cells]
    const { grid, top, left, bottom, right } = region
    const rank = (cell: T): number => {
      if (cell.grid !== grid) return 2
      return cell.i >= top && cell.i <= bottom && cell.j >= left && cell.j <= right ? 0 : 1
    }
    return cells.toSorted((a, b) => rank(a) - rank(b))
  }
}
