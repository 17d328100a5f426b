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

  /** Whether a cell of an atlas is visible. */
  sees(atlas: number, cell: Place): boolean {
    const region = this.#regions.get(atlas)
    return region !== undefined && rankIn(region, cell) === 0
  }

  /** Sorts the cells of an atlas: visible ones first, then those of the same grid; otherwise in their order. */
  sorted<T extends Place>(atlas: number, cells: readonly T[]): T[] {
    const region = this.#regions.get(atlas)
    if (region === undefined) return [...cells]
    return cells.toSorted((a, b) => rankIn(region, a) - rankIn(region, b))
  }
}

/** 0: visible; 1: of the visible grid; 2: of another. */
function rankIn({ grid, top, left, bottom, right }: Region, cell: Place): 0 | 1 | 2 {
  if (cell.grid !== grid) return 2
  return cell.i >= top && cell.i <= bottom && cell.j >= left && cell.j <= right ? 0 : 1
}
