import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { Metric } from '../../contract/layout.ts'
import { Random } from '../random/random.ts'
import { type Samples, squaredLengths } from './samples.ts'
import { yieldToEventLoop } from './yield.ts'

/**
 * Extra directions as well as those requested, and passes over the data: Halko, Martinsson and Tropp 2011, §4.3–4.4.
 */
const OVERSAMPLE = 8
const PASSES = 6

/** Largest coordinate and noise of umap-learn's `init="pca"`. */
const EXTENT = 10
const NOISE = 1e-4

/**
 * Coordinates of the samples along their principal components, by randomised subspace iteration: the covariance
 * matrix is never computed. For the cosine metric samples are first scaled to unit length (a zero stays zero), so that
 * components and neighbours use the same distances. The sign of a component is chosen such that its largest loading is
 * positive.
 * @returns [n, dimensions], centred, largest variance first; zeros beyond the rank of the data
 */
export const principalCoordinates = async (
  samples: Samples,
  dimensions: number,
  metric: Metric,
  seed: number,
  signal: AbortSignal,
): Promise<Float64Array> => {
  const { rows, n, channels } = samples
  const scale = rowScales(samples, metric)
  const mean = new Float64Array(channels)
  for (let i = 0; i < n; i++) for (let c = 0; c < channels; c++) mean[c]! += (rows[i * channels + c]! * scale[i]!) / n

  const width = Math.min(channels, dimensions + OVERSAMPLE)
  const draw = new Random('pca', seed)
  /** Row-major [width, channels], orthonormal rows. */
  let basis: Float64Array = Float64Array.from({ length: width * channels }, () => draw.gaussian())
  orthonormalise(basis, width, channels)
  let projected = basis
  for (let pass = 0; pass < PASSES; pass++) {
    if (pass > 0) {
      basis = projected.slice()
      orthonormalise(basis, width, channels)
    }
    projected = covarianceTimes(samples, scale, mean, basis, width)
    await yieldToEventLoop(signal)
  }

  const small = new Matrix(width, width)
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) {
      let sum = 0
      for (let c = 0; c < channels; c++) sum += basis[a * channels + c]! * projected[b * channels + c]!
      small.set(a, b, sum)
    }
  const symmetric = Matrix.add(small, small.transpose()).mul(0.5)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)

  const coordinates = new Float64Array(n * dimensions)
  for (let d = 0; d < Math.min(dimensions, width); d++) {
    const component = new Float64Array(channels)
    for (let a = 0; a < width; a++) {
      const weight = eigenvectorMatrix.get(a, order[d]!)
      for (let c = 0; c < channels; c++) component[c]! += weight * basis[a * channels + c]!
    }
    const sign = largest(component) < 0 ? -1 : 1
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let c = 0; c < channels; c++) sum += (rows[i * channels + c]! * scale[i]! - mean[c]!) * component[c]!
      coordinates[i * dimensions + d] = sign * sum
    }
  }
  return coordinates
}

/**
 * Principal coordinates as the initialisation of UMAP: scaled to a maximum of 10, plus noise of 10⁻⁴ that separates
 * duplicates (umap-learn, `noisy_scale_coords`).
 */
export const noisyStart = (coordinates: Float64Array, seed: number): Float64Array => {
  const draw = new Random('noise', seed)
  const maximum = coordinates.reduce((maximum, x) => Math.max(maximum, Math.abs(x)), 0)
  const scale = maximum > 0 ? EXTENT / maximum : 0
  return coordinates.map(x => x * scale + NOISE * draw.gaussian())
}

const rowScales = (samples: Samples, metric: Metric): Float64Array =>
  metric === 'euclidean'
    ? new Float64Array(samples.n).fill(1)
    : squaredLengths(samples).map(square => (square > 0 ? 1 / Math.sqrt(square) : 0))

/** Xᵀ(X·basisᵀ)/n of the centred, scaled rows, as [width, channels]. */
const covarianceTimes = (
  { rows, n, channels }: Samples,
  scale: Float64Array,
  mean: Float64Array,
  basis: Float64Array,
  width: number,
): Float64Array => {
  const result = new Float64Array(width * channels)
  const row = new Float64Array(channels)
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < channels; c++) row[c] = rows[i * channels + c]! * scale[i]! - mean[c]!
    for (let a = 0; a < width; a++) {
      const from = a * channels
      let along = 0
      for (let c = 0; c < channels; c++) along += row[c]! * basis[from + c]!
      along /= n
      for (let c = 0; c < channels; c++) result[from + c]! += along * row[c]!
    }
  }
  return result
}

/** Gram–Schmidt, twice, in place; a row in the span of the others becomes zero. */
const orthonormalise = (rows: Float64Array, count: number, channels: number): void => {
  for (let a = 0; a < count; a++) {
    const row = rows.subarray(a * channels, (a + 1) * channels)
    const before = Math.hypot(...row)
    for (let repetition = 0; repetition < 2; repetition++)
      for (let b = 0; b < a; b++) {
        const other = rows.subarray(b * channels, (b + 1) * channels)
        let along = 0
        for (let c = 0; c < channels; c++) along += row[c]! * other[c]!
        for (let c = 0; c < channels; c++) row[c]! -= along * other[c]!
      }
    const length = Math.hypot(...row)
    for (let c = 0; c < channels; c++) row[c] = length > 1e-12 * before ? row[c]! / length : 0
  }
}

const largest = (values: Float64Array): number =>
  values.reduce((maximum, x) => (Math.abs(x) > Math.abs(maximum) ? x : maximum), 0)
