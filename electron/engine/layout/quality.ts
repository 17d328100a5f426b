import type { LayoutQuality } from '../../contract/layout.ts'
import type { Report } from '../../contract/progress.ts'
import { Random } from '../random/random.ts'
import { MapIndex } from './map-index.ts'
import type { Space } from './native/space.ts'
import { yieldToEventLoop } from './yield.ts'

const NEIGHBOURS = 15
/** With so many samples checked, the standard errors are about .002. */
const CHECKED = 2_000
/** Samples × checked samples, at most: of a million samples 500 are checked. */
const MAX_PAIRS = 500e6
/** Below 5 samples the formula of trustworthiness is undefined. */
const MIN_SAMPLES = 5

/**
 * How far a layout keeps neighbourhoods, over the k nearest of each sample.
 * - Trustworthiness (Venna and Kaski 2001): 1 − 2/(n k (2n − 3k − 1)) · Σ_i Σ_j max(0, r(i, j) − k) over the k nearest j
 *   of i in the layout, r the rank of j among the neighbours of i in activation space: are neighbours on the map similar?
 * - Preservation: the share of the k nearest in activation space that are among the k nearest in the layout.
 *
 * All samples are checked up to 2,000, and 2,000 of more (500 of a million), chosen by the seed, against all others. The
 * standard errors are those of a simple random sample of a finite population: 0 where all samples were checked.
 * @param positions [n, dimensions]
 * @param checked   maximum number of samples to check
 * @param report    of the stage `quality`
 * @returns undefined below 5 samples
 */
export const layoutQuality = async (
  space: Space,
  positions: Float64Array,
  dimensions: number,
  seed: number,
  signal: AbortSignal,
  report: Report,
  checked = CHECKED,
): Promise<LayoutQuality | undefined> => {
  const { n } = space
  if (n < MIN_SAMPLES) return undefined
  const k = Math.min(NEIGHBOURS, Math.floor((n - 1) / 2))
  const chosen = new Random('trustworthiness', seed).subset(n, Math.min(checked, Math.ceil(MAX_PAIRS / n)))
  const map = new MapIndex(positions, dimensions)
  const trust = new Float64Array(chosen.length)
  const preserved = new Float64Array(chosen.length)
  const progress = (done: number): void => report({ stage: 'quality', done, total: chosen.length, unit: 'samples' })
  progress(0)
  for (let first = 0; first < chosen.length; first += space.few) {
    const queries = chosen.subarray(first, first + space.few)
    await yieldToEventLoop(signal)
    const ranks = await space.ranks(queries, map.nearest(queries, k), k)
    for (let q = 0; q < queries.length; q++) {
      const its = ranks.subarray(q * k, (q + 1) * k)
      const intruders = its.reduce((sum, rank) => sum + Math.max(0, rank - k), 0)
      trust[first + q] = 1 - (2 * intruders) / (k * (2 * n - 3 * k - 1))
      preserved[first + q] = its.filter(rank => rank <= k).length / k
    }
    progress(first + queries.length)
  }
  return { trustworthiness: estimate(trust, n), preservation: estimate(preserved, n), k, checked: chosen.length, of: n }
}

/** The mean of a simple random sample of n values, and its standard error. */
const estimate = (values: Float64Array, n: number): LayoutQuality['trustworthiness'] => {
  const count = values.length
  const mean = values.reduce((sum, x) => sum + x, 0) / count
  if (count === n) return { value: mean, standardError: 0 }
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1)
  return { value: mean, standardError: Math.sqrt((variance / count) * (1 - count / n)) }
}
