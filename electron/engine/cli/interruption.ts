/** 128 and the number of the signal, as shells report it. */
const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type Stop = keyof typeof statuses

/** The process, as far as this needs it. */
interface Target {
  on(event: string, listener: (name: Stop) => void): unknown
  off(event: string, listener: (name: Stop) => void): unknown
  exit(status: number): void
  send?(message: string): unknown
  readonly channel?: { unref(): void } | null | undefined
}

/**
 * A launcher in the same terminal passes on the SIGINT that the terminal has sent to both of us: what comes within
 * this many milliseconds is the same keystroke.
 */
const SAME_KEYSTROKE = 500

/**
 * Turns the first signal into an abort, which every stage answers by leaving things in order;
 * a second one ends the process where it stands.
 */
export function interruption(
  target: Target,
  now: () => number,
): {
  readonly signal: AbortSignal
  /** Exit status when we were told to stop. */
  readonly status: () => number | undefined
  readonly dispose: () => void
} {
  const controller = new AbortController()
  let stopped: { readonly status: number; readonly at: number } | undefined
  const stop = (name: Stop): void => {
    if (stopped && now() - stopped.at < SAME_KEYSTROKE) return
    if (stopped) target.exit(stopped.status)
    stopped = { status: statuses[name], at: now() }
    // The launcher ends a process that does not even come to this.
    target.send?.('stopping')
    controller.abort()
  }
  const orphaned = (): void => stop('SIGHUP')
  for (const name of Object.keys(statuses)) target.on(name, stop)
  target.on('disconnect', orphaned)
  // Nothing is ever sent through it, and it must not keep the process.
  target.channel?.unref()
  return {
    signal: controller.signal,
    status: () => stopped?.status,
    dispose: () => {
      for (const name of Object.keys(statuses)) target.off(name, stop)
      target.off('disconnect', orphaned)
    },
  }
}
