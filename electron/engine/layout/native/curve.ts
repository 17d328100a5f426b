/** Points of the curve that is fitted, from 0 to three times the spread. */
const POINTS = 300
const STEPS = 60

/**
 * a and b such that 1/(1 + a x^(2b)) is nearest, by least squares, to 1 up to minDist and exp(−(x − minDist)) beyond: the
 * similarity of two positions at distance x, for a spread of 1 (umap-learn, `find_ab_params`). Gauss–Newton with halved steps.
 */
export const similarityCurve = (minDist: number): { readonly a: number; readonly b: number } => {
  const xs = Array.from({ length: POINTS - 1 }, (_, i) => (3 * (i + 1)) / (POINTS - 1))
  const wanted = xs.map(x => (x < minDist ? 1 : Math.exp(minDist - x)))
  const errorOf = (a: number, b: number): number =>
    xs.reduce((sum, x, i) => sum + (1 / (1 + a * x ** (2 * b)) - wanted[i]!) ** 2, 0)
  let [a, b] = [1, 1]
  let error = errorOf(a, b)
  for (let step = 0; step < STEPS; step++) {
    let [aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0]
    xs.forEach((x, i) => {
      const power = x ** (2 * b)
      const value = 1 / (1 + a * power)
      const da = -power * value * value
      const db = -2 * a * power * Math.log(x) * value * value
      const rest = wanted[i]! - value
      aa += da * da
      ab += da * db
      bb += db * db
      ra += da * rest
      rb += db * rest
    })
    const determinant = aa * bb - ab * ab
    let [stepA, stepB] = [(ra * bb - rb * ab) / determinant, (rb * aa - ra * ab) / determinant]
    while (!(errorOf(a + stepA, b + stepB) <= error) && Math.abs(stepA) + Math.abs(stepB) > 1e-12) {
      stepA /= 2
      stepB /= 2
    }
    a += stepA
    b += stepB
    error = errorOf(a, b)
  }
  // Six digits, because the last ones of an exponential may differ between machines.
  return { a: rounded(a), b: rounded(b) }
}

const rounded = (x: number): number => Number(x.toPrecision(6))
