import type { Order } from './unit.ts'

export interface RunOptions {
  /** 1 before 2: visible cells before others. */
  readonly priority: 1 | 2
  readonly signal: AbortSignal
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
  const running = new Set<Promise<void>>()
  let failed: { readonly error: unknown } | undefined
  for (;;) {
    while (failed === undefined && running.size < room()) {
      let one: Promise<void> | undefined
      try {
        one = next()
      } catch (error) {
        failed = { error }
      }
      if (one === undefined) break
      const ended = one
        .catch((error: unknown) => {
          failed ??= { error }
        })
        .finally(() => running.delete(ended))
      running.add(ended)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  if (failed !== undefined) throw failed.error
}
