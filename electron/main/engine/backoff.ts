/** Failures in a row, and how long to wait before the next start; null: give up. */
export interface Backoff {
  readonly failures: number
  readonly delayMs: number | null
}

export const noFailures: Backoff = { failures: 0, delayMs: 0 }

/** An engine that lived this long did not fail at the start: count from anew. */
const livedMs = 60_000
const giveUpAfter = 6

/** 250 ms, doubled with every failure in a row; six quick deaths are no accident, and a seventh would not help. */
export const nextDelay = (before: Backoff, livedForMs: number): Backoff => {
  const failures = livedForMs >= livedMs ? 1 : before.failures + 1
  return { failures, delayMs: failures >= giveUpAfter ? null : 250 * 2 ** (failures - 1) }
}
