import type { Order } from './unit.ts'

export interface RunOptions {
  /** 1 before 2: visible cells before others. */
  readonly priority: 1 | 2
  readonly signal: AbortSignal
  /** Called once the contents of the unit are no longer in the memory of this process, or never will be. */
  readonly sent?: () => void
}

/** Where the units of a build are performed: workers of a queue, or several devices of this machine. */
export interface Workers {
  /** Units that may be under way at once, so that no worker waits and memory is bounded. It changes as workers join and leave. */
  readonly room: number
  /**
   * Has a unit performed.
   * @returns when it is; its result stays where it is until it is taken, so that results that wait for their turn take no
   * memory here
   * @throws UserError when no worker could perform it; the reason of the signal
   */
  run<T>(order: Order<T>, options: RunOptions): Promise<Performed<T>>
  close(): Promise<void>
}

export interface Performed<T> {
  /** The result, once. @throws UserError when every worker returned what is not a result of the unit */
  take(): Promise<T>
}

/**
 * Runs units side by side, as many as there is room for, and passes on what they return in the order in which it is ready.
 * @param next the next unit's run; undefined when there is none left
 */
export async function sideBySide(room: () => number, next: () => Promise<void> | undefined): Promise<void> {
  let running = 0
  // Not a race of all that run, which would add to each of them for every one that ends.
  let ended = Promise.withResolvers<void>()
  let failed: { readonly error: unknown } | undefined
  for (;;) {
    while (failed === undefined && running < room()) {
      let one: Promise<void> | undefined
      try {
        one = next()
      } catch (error) {
        failed = { error }
      }
      if (one === undefined) break
      running++
      one
        .catch((error: unknown) => {
          failed ??= { error }
        })
        .finally(() => {
          running--
          ended.resolve()
        })
    }
    if (running === 0) break
    await ended.promise
    ended = Promise.withResolvers()
  }
  if (failed !== undefined) throw failed.error
}

/** Units whose contents are in memory at once, besides one that is read. */
const UNSENT = 2
const READY = Symbol('the first unit has ended')
const ready = (): typeof READY => READY

/**
 * Runs units side by side, as many as there is room for, and passes on their results in the order of the units. The next unit is
 * read when the contents of others have been sent, so that memory is bounded however many are under way.
 * @param run  starts a unit; what it returns takes its result
 * @param stop ends those under way: called when an error, or the caller, ends this before they have ended
 * @throws the first error in the order of the units, after those under way have ended
 */
export async function* inTurn<U, R>(
  room: () => number,
  units: AsyncGenerator<U, void, void>,
  run: (unit: U, sent: () => void) => Promise<() => Promise<R>>,
  stop: () => void,
): AsyncGenerator<R, void, void> {
  const under: Promise<() => Promise<R>>[] = []
  const unsent = new Set<Promise<unknown>>()
  let upcoming: Promise<IteratorResult<U, void>> | undefined
  let last = false
  try {
    for (;;) {
      while (!last && under.length < room()) {
        if (unsent.size >= UNSENT) {
          // What waits to be sent may wait for room in the queue, which only results that are taken give back.
          const first = under.slice(0, 1).map(one => one.then(ready, ready))
          if ((await Promise.race([...unsent, ...first])) === READY) break
        }
        const next = await (upcoming ?? units.next())
        if (next.done) {
          last = true
          break
        }
        // Read while results are taken.
        upcoming = units.next()
        upcoming.catch(() => {})
        const sent = Promise.withResolvers<void>()
        const performed = run(next.value, sent.resolve)
        // An error is thrown when its turn comes; until then it must not count as unhandled.
        const ended = performed.then(
          () => {},
          () => {},
        )
        const gone = Promise.race([sent.promise, ended]).finally(() => unsent.delete(gone))
        unsent.add(gone)
        under.push(performed)
      }
      const first = under.shift()
      if (first === undefined) return
      yield await (await first)()
    }
  } finally {
    stop()
    await units.return()
    await Promise.allSettled(under)
  }
}
