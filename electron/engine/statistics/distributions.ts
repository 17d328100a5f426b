/**
 * Φ(x), by the series φ(x)·(x + x³/3 + x⁵/(3·5) + …) + ½ (Marsaglia 2004), and by a continued fraction in the tails.
 */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x)
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  if (x < -4) {
    // Mills' ratio: 1/(z + 1/(z + 2/(z + …))).
    let fraction = -x
    for (let k = 60; k > 0; k--) fraction = -x + k / fraction
    return density / fraction
  }
  let [term, sum] = [x, x]
  for (let k = 3; Math.abs(term) > 1e-17; k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return 0.5 + sum * density
}

/**
 * Distribution of Student's t with an integer number of degrees of freedom, by the finite sums of Abramowitz and Stegun
 * 26.7.3 and 26.7.4.
 */
export function studentCdf(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const square = Math.cos(angle) ** 2
  let [term, sum] = [1, 0]
  if (degrees % 2 === 1) {
    for (let k = 3; k <= degrees; k += 2) {
      sum += term
      term *= (square * (k - 1)) / k
    }
    return 0.5 + (angle + Math.sin(angle) * Math.cos(angle) * sum) / Math.PI
  }
  for (let k = 2; k <= degrees; k += 2) {
    sum += term
    term *= (square * (k - 1)) / k
  }
  return 0.5 + (Math.sin(angle) * sum) / 2
}

/**
 * Probability beyond ±t. Between two integer degrees of freedom its logarithm is interpolated along 1/degrees.
 * @param t       at least 0
 * @param degrees at least 1
 */
export function studentTails(t: number, degrees: number): number {
  const below = Math.floor(degrees)
  const atBelow = 2 * (1 - studentCdf(t, below))
  if (below === degrees || atBelow <= 0) return Math.max(0, atBelow)
  const weight = (1 / below - 1 / degrees) * below * (below + 1)
  const atAbove = Math.max(Number.MIN_VALUE, 2 * (1 - studentCdf(t, below + 1)))
  return atBelow ** (1 - weight) * atAbove ** weight
}

export const normalQuantile = (p: number): number => inverted(normalCdf, p)

/** From this number of degrees of freedom on, the normal distribution is used, equal to four digits. */
const NORMAL_FROM = 5_000

/**
 * @param degrees at least 1; between two integers the quantile is interpolated along 1/degrees, in which it is almost a
 * straight line.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees >= NORMAL_FROM) return normalQuantile(p)
  const below = Math.floor(degrees)
  const atBelow = inverted(t => studentCdf(t, below), p)
  if (below === degrees) return atBelow
  const weight = (1 / below - 1 / degrees) * below * (below + 1)
  return atBelow + weight * (inverted(t => studentCdf(t, below + 1), p) - atBelow)
}

/** The inverse of an increasing function at p in (0, 1), by bisection. */
function inverted(cdf: (x: number) => number, p: number): number {
  let bound = 1
  while (cdf(-bound) > p || cdf(bound) < p) {
    bound *= 2
    if (bound > 1e15) return p < 0.5 ? -bound : bound
  }
  let [low, high] = [-bound, bound]
  for (let step = 0; step < 200 && high - low > 1e-13 * Math.max(1, Math.abs(low)); step++) {
    const middle = (low + high) / 2
    if (cdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
