import type { Inverter } from './invert.ts'
import type { InvertOptions } from './shard.ts'

/**
 * Times the first steps of an inversion, which is then cancelled: no icon is finished, scored or retried.
 * @param directions [n, channels], as for `Inverter.invert`
 * @param steps      at least 2: the first one includes the warm-up
 * @returns the time at the end of each step, in milliseconds of `performance.now()`
 * @throws the reason of the signal when it is aborted
 */
export async function stepTimes(
  inverter: Inverter,
  directions: Float32Array,
  steps: number,
  { seed, starts, signal }: Pick<InvertOptions, 'seed' | 'starts'> & { readonly signal: AbortSignal },
): Promise<readonly number[]> {
  const finished = new AbortController()
  const times: number[] = []
  try {
    await inverter.invert(directions, {
      seed,
      starts,
      signal: AbortSignal.any([signal, finished.signal]),
      report: () => {
        times.push(performance.now())
        if (times.length === steps) finished.abort()
      },
    })
  } catch (error) {
    if (!finished.signal.aborted || signal.aborted) throw error
  }
  return times
}
