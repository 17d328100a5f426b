import type { Inverter } from './invert.ts'
import type { InvertOptions } from './shard.ts'

/**
 * Times the first steps of an inversion, which is then cancelled: no icon is finished, judged or retried.
 * @param directions [n, channels], as for `Inverter.invert`
 * @param steps      at least 2: the first one also prepares
 * @returns when each step was done, in milliseconds of `performance.now()`
 * @throws the reason of the signal when that aborts
 */
export async function stepTimes(
  inverter: Inverter,
  directions: Float32Array,
  steps: number,
  { seed, signal }: Pick<InvertOptions, 'seed'> & { readonly signal: AbortSignal },
): Promise<readonly number[]> {
  const enough = new AbortController()
  const times: number[] = []
  try {
    await inverter.invert(directions, {
      seed,
      signal: AbortSignal.any([signal, enough.signal]),
      report: () => {
        times.push(performance.now())
        if (times.length === steps) enough.abort()
      },
    })
  } catch (error) {
    if (!enough.signal.aborted || signal.aborted) throw error
  }
  return times
}
