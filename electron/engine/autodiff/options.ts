/** The choice of derivative for operators with more than one useful derivative. Stored in the project file. */
export interface Derivatives {
  /**
   * `exact`: through the maximum; a tie goes to the first in row-major order.
   * `relaxed-l2`: the pool is differentiated as if it were s = avg(x²) / (10⁻² + avg|x|) (Building Blocks, Distill
   * 2018).
   * `relaxed-avg`: as if it were an average pool of the same windows.
   */
  readonly maxPool: MaxPoolDerivative
  /**
   * `exact`, or redirected (lucid) while a value of the graph is true: a boolean scalar, by name. Where the
   * gradient through a ReLU would be zero for a complete element of the batch, it passes unless it would push a
   * negative
   * input lower. Reverse mode only.
   */
  readonly relu: 'exact' | { readonly redirectedWhile: string }
}

export type MaxPoolDerivative = 'exact' | 'relaxed-l2' | 'relaxed-avg'

export const EXACT: Derivatives = { maxPool: 'exact', relu: 'exact' }
