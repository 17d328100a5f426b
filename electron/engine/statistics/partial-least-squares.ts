/** A linear rule: value = offset + weights · row. */
export interface LinearRule {
  /** [channels] */
  readonly weights: Float64Array
  readonly offset: number
  readonly components: number
}

export interface Rows {
  /** [samples, channels], row-major. */
  readonly rows: Float32Array
  readonly channels: number
  /** [samples], what is predicted. */
  readonly values: Float64Array
}

export function predict({ weights, offset }: LinearRule, { rows, channels }: Rows, sample: number): number {
  let sum = offset
  for (let c = 0, at = sample * channels; c < channels; c++, at++) sum += weights[c]! * rows[at]!
  return sum
}

/**
 * Partial least squares of one value: rules with one component more each, until `most` or until the values are fitted.
 * They are the iterates of conjugate gradients on the normal equations of the centred samples (Helland 1988), so that one
 * component takes two passes over the rows. The first rule has none: the mean.
 * @param samples indices of the rows to learn from, not empty
 */
export function* partialLeastSquares(
  { rows, channels, values }: Rows,
  samples: readonly number[],
  most: number,
): Generator<LinearRule> {
  const n = samples.length
  const mean = samples.reduce((sum, s) => sum + values[s]!, 0) / n
  const centre = new Float64Array(channels)
  for (const s of samples) for (let c = 0, at = s * channels; c < channels; c++, at++) centre[c]! += rows[at]! / n
  const residual = Float64Array.from(samples, s => values[s]! - mean)
  const weights = new Float64Array(channels)
  /** Xᵀ·residual, with the centred X. */
  const gradientOf = (): Float64Array => {
    const result = new Float64Array(channels)
    let total = 0
    for (let k = 0; k < n; k++) {
      total += residual[k]!
      for (let c = 0, at = samples[k]! * channels; c < channels; c++, at++) result[c]! += residual[k]! * rows[at]!
    }
    return result.map((value, c) => value - total * centre[c]!)
  }
  let gradient = gradientOf()
  let direction = gradient
  let size = dot(gradient, gradient)
  const fitted = size * 1e-20
  yield { weights: weights.slice(), offset: mean, components: 0 }
  for (let components = 1; components <= most && size > fitted; components++) {
    const shift = dot(direction, centre)
    const along = Float64Array.from(samples, s => {
      let sum = -shift
      for (let c = 0, at = s * channels; c < channels; c++, at++) sum += direction[c]! * rows[at]!
      return sum
    })
    const length = size / dot(along, along)
    for (let c = 0; c < channels; c++) weights[c]! += length * direction[c]!
    for (let k = 0; k < n; k++) residual[k]! -= length * along[k]!
    gradient = gradientOf()
    const next = dot(gradient, gradient)
    const share = next / size
    direction = direction.map((value, c) => gradient[c]! + share * value)
    size = next
    yield { weights: weights.slice(), offset: mean - dot(weights, centre), components }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
