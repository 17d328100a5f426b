import type { Metric } from '../../contract/layout.ts'
import { Random } from '../random/random.ts'
import { dot } from '../vectors/cosine.ts'
import { Nearest } from './nearest.ts'
import { distanceOf, type Samples, squaredLengths } from './samples.ts'
import { yieldToEventLoop } from './yield.ts'

export interface Trustworthiness {
  /** In [0, 1]; about ½ for a layout that is independent of the samples. */
  readonly value: number
  /** Neighbours in the layout that were checked. */
  readonly k: number
  /** Samples whose neighbours were checked, chosen by the seed; their ranks are among all `of`. */
  readonly checked: number
  readonly of: number
}

const NEIGHBOURS = 15
const ALWAYS_ALL = 1_000
/** Maximum numbers to read, about a second; but at least 200 samples are checked. */
const BUDGET = 1e9
const MIN_CHECKED = 200
/** Samples checked together, so that each row of activations is read once for all of them. */
const BLOCK = 16

/**
 * Trustworthiness (Venna and Kaski 2001): 1 − 2/(n k (2n − 3k − 1)) · Σ_i Σ_j max(0, r(i, j) − k) over the k nearest
 * j of i in the layout, r the rank of j among the neighbours of i in activation space. All samples are checked up to
 * 1,000, and of more as many as a budget allows (then n in the first factor is the number checked: the mean
 * over them estimates the mean over all).
 * @returns undefined below 5 samples, where the formula is undefined
 */
export const trustworthiness = async (
  samples: Samples,
  positions: Float64Array,
  dimensions: number,
  metric: Metric,
  seed: number,
  signal: AbortSignal,
  budget = BUDGET,
): Promise<Trustworthiness | undefined> => {
  const { rows, n, channels } = samples
  if (n < 5) return undefined
  const k = Math.min(NEIGHBOURS, Math.floor((n - 1) / 2))
  const allowed = n <= ALWAYS_ALL ? n : Math.max(MIN_CHECKED, Math.floor(budget / (n * channels)))
  const checked = new Random('trustworthiness', seed).subset(n, allowed)
  const squares = squaredLengths(samples)
  const distance = distanceOf(metric)
  const block = new Float64Array(BLOCK * n)
  let intruders = 0
  for (let from = 0; from < checked.length; from += BLOCK) {
    const rowsOfBlock = checked.subarray(from, from + BLOCK)
    for (let j = 0; j < n; j++)
      for (let b = 0; b < rowsOfBlock.length; b++) {
        const i = rowsOfBlock[b]!
        const inner = dot(rows, i * channels, rows, j * channels, channels)
        block[b * n + j] = distance(inner, squares[i]!, squares[j]!)
      }
    rowsOfBlock.forEach((i, b) => {
      const apart = block.subarray(b * n, (b + 1) * n)
      const near = nearestInLayout(positions, dimensions, i, k)
      apart[i] = Number.POSITIVE_INFINITY
      for (const rank of ranks(apart, near)) intruders += Math.max(0, rank - k)
    })
    await yieldToEventLoop(signal)
  }
  const value = 1 - (2 * intruders) / (checked.length * k * (2 * n - 3 * k - 1))
  return { value, k, checked: checked.length, of: n }
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
