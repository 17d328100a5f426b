import { quantile } from '../statistics/quantile.ts'

const LOW = 0.01
const HIGH = 0.99
const MARGIN = 0.1

/**
 * Layout normalisation of Activation Atlas (lucid, `normalize_layout`): each axis is clipped to its 1st and 99th
 * percentile widened by a tenth of the distance between them, then scaled by the clipped data's minimum and maximum
 * to [0, 1]. The original widens the low end first and then computes the distance again, so that its high margin is
 * 11 %: kept for compatibility. An axis without extent becomes ½.
 * @param coordinates [n, dimensions]
 * @returns [n, dimensions] in [0, 1]; float64, because a rounded coordinate could be in another cell
 */
export const normalise = (coordinates: Float64Array, dimensions: number): Float64Array => {
  const n = coordinates.length / dimensions
  const result = new Float64Array(coordinates.length)
  for (let d = 0; d < dimensions; d++) {
    const axis = Float64Array.from({ length: n }, (_, i) => coordinates[i * dimensions + d]!)
    const sorted = axis.toSorted()
    let low = quantile(sorted, LOW)
    let high = quantile(sorted, HIGH)
    low -= MARGIN * (high - low)
    high += MARGIN * (high - low)
    const clip = (x: number): number => Math.min(high, Math.max(low, x))
    const from = clip(sorted[0]!)
    const extent = clip(sorted[n - 1]!) - from
    for (let i = 0; i < n; i++) result[i * dimensions + d] = extent > 0 ? (clip(axis[i]!) - from) / extent : 0.5
  }
  return result
}
