/** Below this icon size, in CSS pixels, a coarser grid is more readable. */
const MIN_ICON = 20
/** Hysteresis: the factor by which icons must be too small or large enough before the level changes. */
export const HYSTERESIS = 1.15

/**
 * The grid to show: the finest whose icons are large enough, with hysteresis, so that small movements do not flicker
 * between two grids.
 * @param grids ascending
 * @param scale CSS pixels per unit of the square
 * @param current the grid shown now, if any
 */
export function chooseGrid(grids: readonly number[], scale: number, current?: number, smallest = MIN_ICON): number {
  let best = grids[0] ?? 0
  for (const grid of grids) {
    const minimum = current === undefined ? smallest : grid <= current ? smallest / HYSTERESIS : smallest * HYSTERESIS
    if (scale / grid >= minimum) best = grid
  }
  return best
}

/** Icon sizes of tiles, ascending, in texture pixels. */
export const RUNGS = [16, 32, 80] as const

/** The index of the icon size that draws a given number of device pixels without visible blur. */
export function chooseRung(pixels: number): 0 | 1 | 2 {
  // An eighth too few texels cannot be seen, and saves six times the memory.
  if (pixels <= RUNGS[0] * 1.125) return 0
  return pixels <= RUNGS[1] * 1.125 ? 1 : 2
}

/** The crossfade between two levels: the old one fades out only after the new one is visible. Times in ms. */
export class Crossfade {
  static readonly DURATION = 220
  shown: number | undefined
  leaving: number | undefined
  #progress = 1

  /** @param ready whether the new level has content everywhere in view */
  set(grid: number, ready: boolean, instant: boolean): void {
    if (grid === this.shown) return
    if (this.shown !== undefined && !ready) return
    this.leaving = this.shown
    this.shown = grid
    this.#progress = instant || this.leaving === undefined ? 1 : 0
    if (this.#progress === 1) this.leaving = undefined
  }

  /** Drops levels that no longer exist. */
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

  /** The new level first covers the old one, which then fades out, so that the background never shows. */
  get opacity(): { readonly shown: number; readonly leaving: number } {
    const smooth = (from: number, to: number): number => {
      const t = Math.min(1, Math.max(0, (this.#progress - from) / (to - from)))
      return t * t * (3 - 2 * t)
    }
    return { shown: smooth(0, 0.7), leaving: 1 - smooth(0.5, 1) }
  }
}
