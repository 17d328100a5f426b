import { UserError } from '../../contract/errors.ts'
import type { Metric } from '../../contract/layout.ts'
import { cosineFrom, dot } from '../vectors/cosine.ts'
import type { SharedMemory } from './native/memory.ts'

/** Activations of n samples. */
export interface Samples {
  /** [n, channels], row-major. */
  readonly rows: Float32Array | Float16Array
  readonly n: number
  readonly channels: number
  /** The memory that the rows are in, where that is the kernel's: no thread then copies them. */
  readonly memory?: SharedMemory
}

/** Checks shape and numbers. @throws UserError naming the first sample that is not finite */
export const checkSamples = ({ rows, n, channels }: Samples): void => {
  if (n < 1) throw new UserError('cannot lay out 0 samples: sample some photographs first')
  if (rows.length !== n * channels)
    throw new Error(`${rows.length} numbers are not ${n} samples × ${channels} channels`)
  for (let p = 0; p < rows.length; p++)
    if (!Number.isFinite(rows[p]))
      throw new UserError(
        `cannot lay out sample ${Math.floor(p / channels)}: its channel ${p % channels} is ${rows[p]}; check the model's preprocessing`,
      )
}

/** Squared lengths in float64, summed as `dot` sums: the distance of a sample to its duplicate is then exactly 0. */
export const squaredLengths = ({
  rows,
  n,
  channels,
}: Pick<Samples, 'n' | 'channels'> & { readonly rows: Float32Array }): Float64Array => {
  const squares = new Float64Array(n)
  for (let i = 0; i < n; i++) squares[i] = dot(rows, i * channels, rows, i * channels, channels)
  return squares
}

/**
 * Distance from an inner product and two squared lengths.
 * Cosine: 1 − a·b/√(‖a‖²‖b‖²), in [0, 2]; between two zero vectors 0, between a zero vector and another 1.
 * Euclidean: √(‖a‖² + ‖b‖² − 2a·b).
 */
export const distanceOf = (metric: Metric): ((inner: number, a: number, b: number) => number) =>
  metric === 'cosine' ? cosineDistance : euclidean

const cosineDistance = (inner: number, a: number, b: number): number => {
  // Zero vectors are at distance 0 from each other, and at distance 1 from all others.
  if (a === 0 || b === 0) return a === b ? 0 : 1
  return Math.max(0, 1 - cosineFrom(inner, a, b))
}

const euclidean = (inner: number, a: number, b: number): number => Math.sqrt(Math.max(0, a + b - 2 * inner))
