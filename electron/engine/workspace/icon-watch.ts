import type { Readable } from '../store/sql.ts'
import { gridStates } from '../store/views.ts'
import type { Services } from './open-project.ts'

/** How often the project is looked at while something may change in it, in milliseconds. */
const EVERY = 500

/**
 * Tells the windows of icons that have come, whoever made them: it looks at the project instead of listening to jobs,
 * so that what another process builds is seen too.
 */
export class IconWatch {
  readonly #db: Readable
  readonly #tell: Services['tell']
  #seen = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  /** How many want it to go on. */
  #wanted = 0

  constructor(db: Readable, tell: Services['tell']) {
    this.#db = db
    this.#tell = tell
  }

  begin(): void {
    if (this.#wanted++ > 0) return
    this.#seen = this.#states()
    this.#timer = setInterval(() => this.#look(), EVERY)
    this.#timer.unref()
  }

  /** Looks a last time. */
  end(): void {
    if (--this.#wanted > 0) return
    clearInterval(this.#timer)
    this.#look()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#wanted = 0
  }

  #states(): Map<string, number> {
    return new Map(gridStates(this.#db).map(({ atlas, grid, revision }) => [`${atlas} ${grid}`, revision]))
  }

  #look(): void {
    let now: Map<string, number>
    try {
      now = this.#states()
    } catch {
      // Closed, or its disk has gone: whoever asks next is told.
      return
    }
    const before = this.#seen
    this.#seen = now
    if ([...now.keys()].some(key => !before.has(key)) || before.size > now.size)
      this.#tell('project.changed', { what: ['summary', 'atlases', 'models', 'photographs', 'patches'] })
    for (const [key, revision] of now) {
      if (before.get(key) === revision) continue
      const [atlas, grid] = key.split(' ').map(Number)
      this.#tell('cells.changed', { atlas: atlas!, grid: grid!, revision })
    }
  }
}
