import type { LayoutQuality, Metric } from '../../contract/layout.ts'
import { Random } from '../random/random.ts'
import { Nearest } from './nearest.ts'
import { Panels } from './products.ts'
import { distanceOf, type Samples } from './samples.ts'
import { yieldToEventLoop } from './yield.ts'

const NEIGHBOURS = 15
/** With so many samples checked, the standard errors are about .002. */
const CHECKED = 2_000
/** Below 5 samples the formula of trustworthiness is undefined. */
const MIN_SAMPLES = 5
const PANEL = 4

/**
 * How far a layout keeps neighbourhoods, over the k nearest of each sample.
 * - Trustworthiness (Venna and Kaski 2001): 1 − 2/(n k (2n − 3k − 1)) · Σ_i Σ_j max(0, r(i, j) − k) over the k nearest j
 *   of i in the layout, r the rank of j among the neighbours of i in activation space: are neighbours on the map similar?
 * - Preservation: the share of the k nearest in activation space that are among the k nearest in the layout.
 *
 * All samples are checked up to 2,000, and 2,000 of more, chosen by the seed, against all others. The standard errors are
 * those of a simple random sample of a finite population: 0 where all samples were checked.
 * @param positions [n, dimensions]
 * @param checked   maximum number of samples to check
 * @returns undefined below 5 samples
 */
export const layoutQuality = async (
  samples: Samples,
  positions: Float64Array,
  dimensions: number,
  metric: Metric,
  seed: number,
  signal: AbortSignal,
  checked = CHECKED,
): Promise<LayoutQuality | undefined> => {
  const { n } = samples
  if (n < MIN_SAMPLES) return undefined
  const k = Math.min(NEIGHBOURS, Math.floor((n - 1) / 2))
  const chosen = new Random('trustworthiness', seed).subset(n, checked)
  const order = chosenFirst(chosen, n)
  const panels = new Panels(reordered(samples, order))
  const squares = panels.squaredLengths()
  const distance = distanceOf(metric)
  const products = new Float64Array(PANEL * PANEL)
  const block = new Float64Array(PANEL * n)
  const trust = new Float64Array(chosen.length)
  const preserved = new Float64Array(chosen.length)
  for (let first = 0; first < chosen.length; first += PANEL) {
    const rows = Math.min(PANEL, chosen.length - first)
    for (let q = 0; q < panels.count; q++) {
      panels.products(first / PANEL, q, products)
      for (let r = 0; r < rows; r++)
        for (let s = 0; s < Math.min(PANEL, n - PANEL * q); s++) {
          const other = PANEL * q + s
          block[r * n + order[other]!] = distance(products[PANEL * r + s]!, squares[first + r]!, squares[other]!)
        }
    }
    for (let r = 0; r < rows; r++) {
      const i = chosen[first + r]!
      const apart = block.subarray(r * n, (r + 1) * n)
      apart[i] = Number.POSITIVE_INFINITY
      const rankOf = ranks(apart, nearestInLayout(positions, dimensions, i, k))
      const intruders = rankOf.reduce((sum, rank) => sum + Math.max(0, rank - k), 0)
      trust[first + r] = 1 - (2 * intruders) / (k * (2 * n - 3 * k - 1))
      preserved[first + r] = rankOf.filter(rank => rank <= k).length / k
    }
    await yieldToEventLoop(signal)
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

/** All indices below n: those chosen, then the others. */
const chosenFirst = (chosen: Int32Array, n: number): Int32Array => {
  const isChosen = new Uint8Array(n)
  for (const i of chosen) isChosen[i] = 1
  const order = new Int32Array(n)
  order.set(chosen)
  let at = chosen.length
  for (let i = 0; i < n; i++) if (isChosen[i] === 0) order[at++] = i
  return order
}

const reordered = ({ rows, n, channels }: Samples, order: Int32Array): Samples => {
  const copy = new Float32Array(n * channels)
  order.forEach((from, to) => {
    copy.set(rows.subarray(from * channels, (from + 1) * channels), to * channels)
  })
  return { rows: copy, n, channels }
}

/**
 * Ranks of `chosen` (1 for the minimum) among all numbers, equal ones by index, in one pass: most numbers exceed every
 * chosen one, which takes a single comparison.
 */
const ranks = (numbers: Float64Array, chosen: Int32Array): Int32Array => {
  const order = chosen.toSorted((a, b) => numbers[a]! - numbers[b]! || a - b)
  const last = numbers[order[order.length - 1]!]!
  const below = new Int32Array(order.length)
  for (let l = 0; l < numbers.length; l++) {
    const x = numbers[l]!
    if (x > last) continue
    let place = order.length
    while (
      place > 0 &&
      (x < numbers[order[place - 1]!]! || (x === numbers[order[place - 1]!] && l < order[place - 1]!))
    )
      place--
    if (place < order.length) below[place]!++
  }
  let rank = 1
  return below.map(count => {
    rank += count
    return rank
  })
}

const nearestInLayout = (positions: Float64Array, dimensions: number, i: number, k: number): Int32Array => {
  const n = positions.length / dimensions
  const nearest = new Nearest(1, k)
  for (let j = 0; j < n; j++) {
    if (j === i) continue
    let squared = 0
    for (let d = 0; d < dimensions; d++)
      squared += (positions[i * dimensions + d]! - positions[j * dimensions + d]!) ** 2
    nearest.offer(0, j, squared)
  }
  return nearest.sorted().indices
}
