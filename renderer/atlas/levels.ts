/** An icon smaller than this is a texture rather than a picture: a coarser grid says more. In CSS pixels. */
const SMALLEST = 20
/** A level stays until its icons are this much too small or the finer level's comfortably large. */
const STUBBORN = 1.15

/**
 * The grid to show: the finest whose cells are still large enough to be read, with hysteresis, so that a
 * small movement to and fro does not flicker between two grids.
 * @param grids ascending
 * @param scale CSS pixels per unit of the square
 * @param current the grid shown now, if any
 */
export function chooseGrid(grids: readonly number[], scale: number, current?: number, smallest = SMALLEST): number {
  let best = grids[0] ?? 0
  for (const grid of grids) {
    const least = current === undefined ? smallest : grid <= current ? smallest / STUBBORN : smallest * STUBBORN
    if (scale / grid >= least) best = grid
  }
  return best
}

/** Sizes of icons in which sheets are asked for, ascending, in texture pixels. */
export const RUNGS = [16, 32, 80] as const

/** The rung that draws an icon of so many device pixels without visible blur. */
export function chooseRung(pixels: number): 0 | 1 | 2 {
  // An eighth too few texels cannot be seen, and saves six times the memory.
  if (pixels <= RUNGS[0] * 1.125) return 0
  return pixels <= RUNGS[1] * 1.125 ? 1 : 2
}

/** Two levels during a change: the old one leaves only after the new one stands. Times in ms. */
export class Crossfade {
  static readonly DURATION = 220
  shown: number | undefined
  leaving: number | undefined
  #progress = 1

  /** @param ready whether the wanted level has something to show everywhere in view */
  want(grid: number, ready: boolean, instant: boolean): void {
    if (grid === this.shown) return
    if (this.shown !== undefined && !ready) return
    this.leaving = this.shown
    this.shown = grid
    this.#progress = instant || this.leaving === undefined ? 1 : 0
    if (this.#progress === 1) this.leaving = undefined
  }

  /** Drop levels that are not there any more. */
  forget(gone: (grid: number) => boolean): void {
    if (this.shown !== undefined && gone(this.shown)) this.shown = undefined
    if (this.leaving !== undefined && gone(this.leaving)) this.leaving = undefined
  }

  step(milliseconds: number): boolean {
    if (this.#progress >= 1) return false
    this.#progress = Math.min(1, this.#progress + milliseconds / Crossfade.DURATION)
    if (this.#progress >= 1) this.leaving = undefined
    return true
  }

  /** The arriving level covers the leaving one first, then that one goes: in between nothing shines through. */
  get opacity(): { readonly shown: number; readonly leaving: number } {
    const smooth = (from: number, to: number): number => {
      const t = Math.min(1, Math.max(0, (this.#progress - from) / (to - from)))
      return t * t * (3 - 2 * t)
    }
    return { shown: smooth(0, 0.7), leaving: 1 - smooth(0.5, 1) }
  }
}
