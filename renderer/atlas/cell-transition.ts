/**
 * A transition of cells between their grid and displaced positions, such as those of their samples in the source atlas.
 */
export interface CellTransition {
  /** Identifies the displaced positions. */
  readonly id: string
  /** [n × 3] of a grid's cells: centre and size in the unit square. Undefined: the cells stay in the grid. */
  readonly positions: (grid: number) => Float32Array | undefined
  /** Where the cells start if the id is new. */
  readonly begin: 'displaced' | 'home'
  /** Whether the cells move to the displaced positions rather than to the grid. */
  readonly displaced: boolean
}

/** The progress of a scene's cell transition. */
export class TransitionProgress {
  /** Milliseconds. */
  static readonly DURATION = 900
  #id: string | undefined
  #displaced = false
  /** 0: displaced, 1: in the grid. */
  #at = 1

  get running(): boolean {
    return this.#at !== (this.#displaced ? 0 : 1)
  }

  /** Whether all cells are in the grid, where they can be hovered and labelled. */
  get atHome(): boolean {
    return this.#at === 1
  }

  /** Eased position, 0: displaced, 1: in the grid. */
  get position(): number {
    const t = this.#at
    return t * t * t * (t * (6 * t - 15) + 10)
  }

  /** Starts a new transition at its beginning, or reverses a running one. */
  set(transition: CellTransition | undefined, instant: boolean): void {
    this.#displaced = transition?.displaced ?? false
    if (transition !== undefined && transition.id !== this.#id) this.#at = transition.begin === 'displaced' ? 0 : 1
    this.#id = transition?.id
    if (transition === undefined || instant) this.#at = this.#displaced ? 0 : 1
  }

  step(milliseconds: number): boolean {
    if (!this.running) return false
    const change = milliseconds / TransitionProgress.DURATION
    this.#at = this.#displaced ? Math.max(0, this.#at - change) : Math.min(1, this.#at + change)
    return true
  }
}
