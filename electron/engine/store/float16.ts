/** The largest finite float16. */
export const largestFloat16 = 65_504

/**
 * Rounds to float16. What lies beyond its range becomes the largest value of its sign rather than an infinity, which
 * would spread through every mean, and is counted, so that the loss can be reported.
 */
export const toFloat16 = (values: Float32Array): { readonly values: Float16Array; readonly clipped: number } => {
  const rounded = new Float16Array(values.length)
  let clipped = 0
  for (let index = 0; index < values.length; index++) {
    let value = values[index]!
    if (value > largestFloat16 || value < -largestFloat16) {
      clipped++
      value = value > 0 ? largestFloat16 : -largestFloat16
    }
    rounded[index] = value
  }
  return { values: rounded, clipped }
}

/** Exact. An explicit loop: in Node 24 it is three times as fast as the constructor and `set`. */
export const toFloat32 = (values: Float16Array): Float32Array => {
  const widened = new Float32Array(values.length)
  for (let index = 0; index < values.length; index++) widened[index] = values[index]!
  return widened
}
