/** 128 and the number of the signal, as shells report it. */
const STATUSES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type Stop = keyof typeof STATUSES

/** The parts of the process that are used here. */
interface Target {
  on(event: string, listener: (name: Stop) => void): unknown
  off(event: string, listener: (name: Stop) => void): unknown
  exit(status: number): void
  send?(message: string): unknown
  readonly channel?: { unref(): void } | null | undefined
}

/**
 * A launcher in the same terminal passes on the SIGINT that the terminal has sent to both processes: signals within
 * this many milliseconds are the same keystroke.
 */
const SAME_KEYSTROKE = 500

/**
 * Turns the first signal into an abort, after which every stage stops in a consistent state;
 * the second ends the process at once.
 */
export function interruption(
  target: Target,
  now: () => number,
): {
  readonly signal: AbortSignal
  /** Exit status after a signal; undefined without one. */
  readonly status: () => number | undefined
  readonly dispose: () => void
} {
  const controller = new AbortController()
  let stopped: { readonly status: number; readonly at: number } | undefined
  const stop = (name: Stop): void => {
    if (stopped && now() - stopped.at < SAME_KEYSTROKE) return
    if (stopped) target.exit(stopped.status)
    stopped = { status: STATUSES[name], at: now() }
    // The launcher kills a process that does not send this message.
    target.send?.('stopping')
    controller.abort()
  }
  const orphaned = (): void => stop('SIGHUP')
  for (const name of Object.keys(STATUSES)) target.on(name, stop)
  target.on('disconnect', orphaned)
  // The launcher sends nothing through the channel, which must not keep the process alive.
  target.channel?.unref()
  return {
    signal: controller.signal,
    status: () => stopped?.status,
    dispose: () => {
      for (const name of Object.keys(STATUSES)) target.off(name, stop)
      target.off('disconnect', orphaned)
    },
  }
}
