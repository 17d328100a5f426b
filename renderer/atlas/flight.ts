/**
 * The way of cells between where they stand in their own grid and other places, such as those that their samples have
 * in the atlas they were taken from. Times in ms.
 */
export interface Detour {
  /** Names the places: others are another way. */
  readonly name: string
  /** [n × 3] of a grid's cells: centre and edge in the unit square. Undefined: its cells stay at home. */
  readonly places: (grid: number) => Float32Array | undefined
  /** Where the cells are when the name is new. */
  readonly begin: 'there' | 'home'
  /** Whether the cells are to be there rather than at home. */
  readonly away: boolean
}

/** How far the cells of a scene are on their way. */
export class Flight {
  static readonly DURATION = 900
  #name: string | undefined
  #away = false
  /** 0: away, 1: at home. */
  #at = 1

  get flying(): boolean {
    return this.#at !== (this.#away ? 0 : 1)
  }

  /** Whether every cell stands in its own place, where it can be pointed at and named. */
  get atHome(): boolean {
    return this.#at === 1
  }

  /** Slow at both ends, so that the eye can take a cell up and follow it. */
  get placed(): number {
    const t = this.#at
    return t * t * t * (t * (6 * t - 15) + 10)
  }

  /** A new detour begins where it says; a known one turns round on the way. */
  want(detour: Detour | undefined, instant: boolean): void {
    this.#away = detour?.away ?? false
    if (detour !== undefined && detour.name !== this.#name) this.#at = detour.begin === 'there' ? 0 : 1
    this.#name = detour?.name
    if (detour === undefined || instant) this.#at = this.#away ? 0 : 1
  }

  step(milliseconds: number): boolean {
    if (!this.flying) return false
    const change = milliseconds / Flight.DURATION
    this.#at = this.#away ? Math.max(0, this.#at - change) : Math.min(1, this.#at + change)
    return true
  }
}
