import type { Metric } from '../../contract/layout.ts'
import type { Neighbours } from './neighbours.ts'

/** A symmetric sparse matrix without its diagonal, in compressed rows. */
export interface Affinities {
  readonly n: number
  /** [n + 1]; the entries of row i are start[i] … start[i + 1] − 1. */
  readonly start: Int32Array
  readonly column: Int32Array
  /** Sum 1 over the matrix. */
  readonly value: Float64Array
}

const MAX_ITERATIONS = 64
const TOLERANCE = 1e-5

/**
 * Joint probabilities of t-SNE (van der Maaten and Hinton 2008), on the neighbours only (van der Maaten 2014):
 * p_j|i ∝ exp(−β_i d²_ij) with β_i such that the entropy of row i is ln(perplexity), p_ij = (p_j|i + p_i|j) / 2n.
 * For the cosine metric d² is the cosine distance: half the squared Euclidean distance of unit vectors, and a common
 * factor is absorbed by β.
 */
export const affinities = (neighbours: Neighbours, perplexity: number, metric: Metric): Affinities => {
  const { n, k, indices, distances } = neighbours
  const conditional = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    const squared = distances.subarray(i * k, (i + 1) * k).map(d => (metric === 'cosine' ? d : d * d))
    conditional.set(calibrated(squared, perplexity), i * k)
  }
  return symmetric(n, k, indices, conditional)
}

/**
 * Bisection for β. Rows that are equidistant, or have fewer neighbours than the perplexity, end up uniform. The nearest
 * distance is subtracted first: it cancels, and keeps exp from vanishing.
 * @param squared squared distances to the neighbours, nearest first
 * @returns probabilities of sum 1 with entropy ln(perplexity)
 */
export const calibrated = (squared: Float64Array, perplexity: number): Float64Array => {
  const entropy = Math.log(perplexity)
  const nearest = squared[0]!
  const apart = squared.map(d => d - nearest)
  const spread = apart.reduce((sum, d) => sum + d, 0) / apart.length
  const p = new Float64Array(apart.length)
  let low = 0
  let high = Number.POSITIVE_INFINITY
  let beta = spread > 0 ? 1 / spread : 1
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let sum = 0
    let weighted = 0
    for (let j = 0; j < p.length; j++) {
      p[j] = Math.exp(-beta * apart[j]!)
      sum += p[j]!
      weighted += apart[j]! * p[j]!
    }
    for (let j = 0; j < p.length; j++) p[j]! /= sum
    const off = Math.log(sum) + (beta * weighted) / sum - entropy
    if (Math.abs(off) < TOLERANCE) break
    if (off > 0) low = beta
    else high = beta
    beta = high === Number.POSITIVE_INFINITY ? 2 * beta : (low + high) / 2
  }
  return p
}

/** Half of every row and half of every column, added where both have an entry; columns of a row in order. */
const symmetric = (n: number, k: number, indices: Int32Array, conditional: Float64Array): Affinities => {
  // Every entry is stored twice: in its row, and in the row of its column.
  const places = new Int32Array(n + 1)
  for (let e = 0; e < n * k; e++) places[indices[e]! + 1]!++
  for (let i = 0; i < n; i++) places[i + 1]! += places[i]! + k
  const starts = places.slice()
  const columns = new Int32Array(2 * n * k)
  const values = new Float64Array(2 * n * k)
  const put = (i: number, j: number, value: number): void => {
    const place = places[i]!++
    columns[place] = j
    values[place] = value
  }
  for (let i = 0; i < n; i++)
    for (let e = i * k; e < (i + 1) * k; e++) {
      const half = conditional[e]! / (2 * n)
      put(i, indices[e]!, half)
      put(indices[e]!, i, half)
    }
  const start = new Int32Array(n + 1)
  let count = 0
  for (let i = 0; i < n; i++) {
    const from = starts[i]!
    const row = Array.from(columns.subarray(from, starts[i + 1]!), (column, at) => ({
      column,
      value: values[from + at]!,
    }))
    row.sort((a, b) => a.column - b.column)
    // In place: the write position is always before the read position.
    for (const { column, value } of row) {
      if (count > start[i]! && columns[count - 1] === column) values[count - 1]! += value
      else {
        columns[count] = column
        values[count++] = value
      }
    }
    start[i + 1] = count
  }
  return { n, start, column: columns.slice(0, count), value: values.slice(0, count) }
}
