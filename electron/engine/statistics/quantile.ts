/**
 * Quantile with linear interpolation between the two nearest ranks (numpy's default; Hyndman and Fan 1996, type 7).
 * @param sorted ascending, not empty
 * @param p      in [0, 1]
 */
export function quantile(sorted: Float64Array, p: number): number {
  const rank = p * (sorted.length - 1)
  const below = Math.floor(rank)
  const low = sorted[below]!
  return low + (rank - below) * ((sorted[below + 1] ?? low) - low)
}
