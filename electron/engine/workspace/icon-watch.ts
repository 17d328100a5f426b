import { gridStates } from '../store/grid-states.ts'
import type { Readable } from '../store/sql.ts'
import type { Services } from './open-project.ts'

/** Interval of polling the project for changes, in milliseconds. */
const POLL_INTERVAL = 500
/** A poll of a large atlas whose icons are being made takes longer: at most a tenth of the time is spent on polls. */
const REST = 9

/**
 * Notifies the windows of new icons: it polls the project instead of listening to jobs, so that icons of another process
 * are shown too.
 */
export class IconWatch {
  readonly #db: Readable
  readonly #notify: Services['notify']
  #seen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  /** Number of callers of `start` that have not called `end`. */
  #users = 0

  constructor(db: Readable, notify: Services['notify']) {
    this.#db = db
    this.#notify = notify
  }

  start(): void {
    if (this.#users++ > 0) return
    this.#seen = this.#states()
    this.#pollAfter(POLL_INTERVAL)
  }

  /** Polls a last time. */
  end(): void {
    if (--this.#users > 0) return
    clearTimeout(this.#timer)
    this.#poll()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#users = 0
  }

  #pollAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now()
      this.#poll()
      if (this.#users > 0) this.#pollAfter(Math.max(POLL_INTERVAL, REST * (performance.now() - began)))
    }, milliseconds)
    this.#timer.unref()
  }

  #states(): Map<string, number> {
    return new Map(gridStates(this.#db).map(({ atlas, grid, revision }) => [`${atlas} ${grid}`, revision]))
  }

  #poll(): void {
    let now: Map<string, number>
    try {
      now = this.#states()
    } catch {
      // Closed, or its disk was removed: the next call reports it.
      return
    }
    const before = this.#seen
    this.#seen = now
    if ([...now.keys()].some(key => !before.has(key)) || before.size > now.size)
      this.#notify('project.changed', { what: ['summary', 'atlases', 'models', 'photographs', 'patches'] })
    for (const [key, revision] of now) {
      if (before.get(key) === revision) continue
      const [atlas, grid] = key.split(' ').map(Number)
      this.#notify('cells.changed', { atlas: atlas!, grid: grid!, revision })
    }
  }
}
