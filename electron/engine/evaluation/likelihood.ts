/**
 * Log-likelihoods of the true classes, in nats, with softmax(β·logits) at the β that makes their mean largest
 * (temperature scaling, Guo et al. 2017): a preprocessing with more contrast makes every prediction more confident, which
 * is no evidence for it. At β = 0 every class has the same probability, so the mean is at least −log classes.
 * @param logits  [classes] of each photograph
 * @param classes the true class of each
 * @returns one number per photograph
 */
export function logLikelihoods(logits: readonly Float32Array[], classes: readonly number[]): Float64Array {
  const beta = sharpest(logits, classes)
  return Float64Array.from(logits, (row, i) => beta * row[classes[i]!]! - logSumExp(row, beta))
}

/** Doublings of β that are tried, and halvings of the interval after them. */
const DOUBLINGS = 40
const HALVINGS = 40

/** The mean log-likelihood is concave in β: its slope, the mean of z_true − E[z], falls through 0 at the maximum. */
function sharpest(logits: readonly Float32Array[], classes: readonly number[]): number {
  const slope = (beta: number): number =>
    logits.reduce((sum, row, i) => sum + row[classes[i]!]! - expected(row, beta), 0)
  if (!(slope(0) > 0)) return 0
  const spread = logits.reduce((most, row) => Math.max(most, range(row)), 0)
  let [low, high] = [0, 1 / spread]
  for (let k = 0; k < DOUBLINGS && slope(high) > 0; k++) [low, high] = [high, 2 * high]
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2
    if (slope(middle) > 0) low = middle
    else high = middle
  }
  return low
}

const largest = (row: Float32Array): number => row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
const range = (row: Float32Array): number => largest(row) - row.reduce((a, b) => Math.min(a, b), Infinity)

function logSumExp(row: Float32Array, beta: number): number {
  const most = largest(row)
  let sum = 0
  for (const z of row) sum += Math.exp(beta * (z - most))
  return beta * most + Math.log(sum)
}

/** E[z] under softmax(β·z). */
function expected(row: Float32Array, beta: number): number {
  const most = largest(row)
  let [sum, weighted] = [0, 0]
  for (const z of row) {
    const weight = Math.exp(beta * (z - most))
    sum += weight
    weighted += weight * z
  }
  return weighted / sum
}
