/** Consecutive failures, and the delay before the next start; null: give up. */
export interface Backoff {
  readonly failures: number
  readonly delayMs: number | null
}

export const NO_FAILURES: Backoff = { failures: 0, delayMs: 0 }

/** An engine that ran this long did not fail at start: the count restarts, ms. */
const STABLE_MS = 60_000
const MAX_FAILURES = 6

/** 250 ms, doubled with every consecutive failure; given up after six. */
export function nextDelay(before: Backoff, uptimeMs: number): Backoff {
  const failures = uptimeMs >= STABLE_MS ? 1 : before.failures + 1
  return { failures, delayMs: failures >= MAX_FAILURES ? null : 250 * 2 ** (failures - 1) }
}
