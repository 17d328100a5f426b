import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { Random } from '../random/random.ts'
import type { Space } from './native/space.ts'

/** Extra directions as well as those requested: Halko, Martinsson and Tropp 2011, §4.2. */
const OVERSAMPLE = 8
/** Multiplications by the covariance: of the few axes that begin a layout, and of many that only have to span what varies. */
const PASSES = 20
const PASSES_OF_MANY = 6
const MANY = 16
/** Samples of which the covariance is computed; others are only projected. */
const MAX_ROWS = 20_000

/** Largest coordinate and noise of umap-learn's `init="pca"`. */
const EXTENT = 10
const NOISE = 1e-4

/** Axes that `principalCoordinates` needs of its space: an even number. */
export const axesFor = (dimensions: number): number => 2 * Math.ceil(dimensions / 2)

/**
 * Coordinates of the samples along their principal components, by subspace iteration on the covariance of at most 20,000 of
 * them. For the cosine metric samples are first scaled to unit length (a zero stays zero), so that components and
 * neighbours use the same distances. The sign of a component is chosen such that its largest loading is positive.
 * @returns [n, axesFor(dimensions)], centred, largest variance first; zeros beyond the rank of the data. A view of the
 * space, which its next use overwrites.
 */
export const principalCoordinates = async (space: Space, dimensions: number, seed: number): Promise<Float32Array> => {
  const { n, channels } = space
  const draw = new Random('pca', seed)
  const { mean, covariance } = await covarianceOf(space, seed, draw.subset(n, MAX_ROWS))
  const axes = axesFor(dimensions)
  const components = new Float64Array(axes * channels)
  components.set(leading(covariance, channels, Math.min(dimensions, channels), draw))
  const offsets = new Float64Array(axes)
  for (let a = 0; a < axes; a++)
    for (let c = 0; c < channels; c++) offsets[a]! += components[a * channels + c]! * mean[c]!
  return await space.project(components, offsets)
}

interface Covariance {
  readonly mean: Float64Array
  /** [channels, channels] */
  readonly covariance: Float64Array
}

/** Of each space, by seed: a layout takes components twice, for its neighbours and to begin with. */
const computed = new WeakMap<Space, Map<number, Covariance>>()

const covarianceOf = async (space: Space, seed: number, chosen: Int32Array): Promise<Covariance> => {
  const known = computed.get(space)?.get(seed)
  if (known !== undefined) return known
  const { channels } = space
  const { stride, sums, moment } = await space.moments(chosen)
  const mean = sums.map(sum => sum / chosen.length)
  const covariance = new Float64Array(channels * channels)
  for (let i = 0; i < channels; i++)
    for (let j = 0; j < channels; j++)
      covariance[i * channels + j] =
        moment[Math.min(i, j) * stride + Math.max(i, j)]! / chosen.length - mean[i]! * mean[j]!
  computed.set(space, new Map([[seed, { mean, covariance }]]))
  return { mean, covariance }
}

/** The leading eigenvectors of a symmetric matrix, [count, channels]. */
const leading = (covariance: Float64Array, channels: number, count: number, draw: Random): Float64Array => {
  const width = Math.min(channels, count + OVERSAMPLE)
  /** Row-major [width, channels], orthonormal rows. */
  let basis: Float64Array = Float64Array.from({ length: width * channels }, () => draw.gaussian())
  orthonormalise(basis, width, channels)
  let projected = basis
  const passes = count > MANY ? PASSES_OF_MANY : PASSES
  for (let pass = 0; pass < passes; pass++) {
    if (pass > 0) {
      basis = projected.slice()
      orthonormalise(basis, width, channels)
    }
    projected = times(covariance, channels, basis, width)
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
  const components = new Float64Array(count * channels)
  for (let d = 0; d < count; d++) {
    const component = components.subarray(d * channels, (d + 1) * channels)
    for (let a = 0; a < width; a++) {
      const weight = eigenvectorMatrix.get(a, order[d]!)
      for (let c = 0; c < channels; c++) component[c]! += weight * basis[a * channels + c]!
    }
    if (largest(component) < 0) for (let c = 0; c < channels; c++) component[c]! *= -1
  }
  return components
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

/** The first axes of coordinates, [n, dimensions]. @param coordinates [n, axes] */
export const firstAxes = (coordinates: Float32Array, axes: number, dimensions: number): Float64Array =>
  Float64Array.from(
    { length: (coordinates.length / axes) * dimensions },
    (_, p) => coordinates[Math.floor(p / dimensions) * axes + (p % dimensions)]!,
  )

/** basis · matrix, [width, channels]. */
const times = (matrix: Float64Array, channels: number, basis: Float64Array, width: number): Float64Array => {
  const result = new Float64Array(width * channels)
  for (let a = 0; a < width; a++)
    for (let i = 0; i < channels; i++) {
      const weight = basis[a * channels + i]!
      if (weight === 0) continue
      for (let c = 0; c < channels; c++) result[a * channels + c]! += weight * matrix[i * channels + c]!
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
