import { setImmediate } from 'node:timers/promises'
import { type LinearRule, partialLeastSquares, predict, type Rows } from './partial-least-squares.ts'

/** Samples with a value that is predicted from their rows. */
interface Placed extends Rows {
  /** [samples], equal for copies of one photograph. */
  readonly clusters: ArrayLike<number>
  /** [samples], half of the photograph of each sample, 0 or 1. */
  readonly folds: Uint8Array
}

interface CrossFit {
  /** [samples], the value of each sample as the rule of the other half predicts it. */
  readonly predicted: Float64Array
  /** Correlation of the two rules' predictions over all samples; 0 if negative. */
  readonly agreement: number
  /** What each half found: that of half 0 places half 1. */
  readonly rules: readonly [LinearRule, LinearRule]
}

/** A limit on time: noise-free values, as those of a last layer, go on gaining a little with every component. */
const MOST_COMPONENTS = 12

/**
 * Halves of photographs, 0 and 1: every second one in the order of their hashes, so that copies are in the same half, both
 * halves are equally large, and neither the order of the photographs nor any value plays a part.
 * @param hashes [samples], equal for copies of one photograph
 */
export function halvesOf(hashes: readonly string[]): Uint8Array {
  const places = new Map(
    Array.from(new Set(hashes))
      .sort()
      .map((hash, at) => [hash, at % 2]),
  )
  return Uint8Array.from(hashes, hash => places.get(hash)!)
}

/**
 * Predicts a value of every sample by a rule of the photographs of the other half (cross-fitting, Chernozhukov et al. 2018).
 * What is ordered by the prediction does not depend on the sample's own value, nor on those of its photograph.
 * The rule is a regression on the activation by partial least squares; the number of its components, one at least, is that
 * with the smallest error on photographs of its own half, which is halved again for this. Other tasks run between passes.
 */
export async function crossFit(placed: Placed): Promise<CrossFit> {
  const { values, folds, clusters } = placed
  const halves = [0, 1].map(fold => Array.from(folds.keys()).filter(s => folds[s] === fold))
  const rules: LinearRule[] = []
  for (const [fold, half] of halves.entries()) {
    // All samples are of one photograph: the only rule is that of the other half.
    if (half.length === 0) continue
    rules[fold] = await ruleOf(placed, half, await bestComponents(placed, half, clusters))
  }
  const [a, b] = [rules[0] ?? rules[1]!, rules[1] ?? rules[0]!]
  const ofA = Float64Array.from(values, (_, s) => predict(a, placed, s))
  const ofB = Float64Array.from(values, (_, s) => predict(b, placed, s))
  return {
    predicted: ofA.map((value, s) => (folds[s] === 0 ? ofB[s]! : value)),
    agreement: a === b ? 0 : Math.max(0, correlation(ofA, ofB)),
    rules: [a, b],
  }
}

async function ruleOf(rows: Rows, samples: readonly number[], components: number): Promise<LinearRule> {
  let rule: LinearRule | undefined
  for (rule of partialLeastSquares(rows, samples, components)) await setImmediate()
  return rule!
}

async function bestComponents(rows: Rows, half: readonly number[], clusters: ArrayLike<number>): Promise<number> {
  const order = new Map(Array.from(new Set(half.map(s => clusters[s]!)), (cluster, at) => [cluster, at]))
  const errors = new Float64Array(MOST_COMPONENTS + 1)
  for (const part of [0, 1]) {
    const learn = half.filter(s => order.get(clusters[s]!)! % 2 === part)
    const test = half.filter(s => order.get(clusters[s]!)! % 2 !== part)
    if (learn.length === 0 || test.length === 0) return 1
    let error = 0
    let next = 0
    for (const rule of partialLeastSquares(rows, learn, MOST_COMPONENTS)) {
      error = test.reduce((sum, s) => sum + (rows.values[s]! - predict(rule, rows, s)) ** 2, 0)
      errors[next++]! += error
      await setImmediate()
    }
    // All values are fitted: further components change nothing.
    for (; next <= MOST_COMPONENTS; next++) errors[next]! += error
  }
  let best = 1
  for (let k = 2; k <= MOST_COMPONENTS; k++) if (errors[k]! < errors[best]!) best = k
  return best
}

function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / n
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let s = 0; s < n; s++) {
    ab += (a[s]! - meanA) * (b[s]! - meanB)
    aa += (a[s]! - meanA) ** 2
    bb += (b[s]! - meanB) ** 2
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}
