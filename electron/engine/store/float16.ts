/** The largest finite value of float16. */
export const MAX_FLOAT16 = 65_504

/**
 * Rounds to float16. Values beyond its range are clipped to the largest value of their sign, because an infinity would
 * spread through every mean, and are counted, so that the loss is reported.
 */
export const toFloat16 = (values: Float32Array): { readonly values: Float16Array; readonly clipped: number } => {
  const rounded = new Float16Array(values.length)
  let clipped = 0
  for (let index = 0; index < values.length; index++) {
    let value = values[index]!
    if (value > MAX_FLOAT16 || value < -MAX_FLOAT16) {
      clipped++
      value = value > 0 ? MAX_FLOAT16 : -MAX_FLOAT16
    }
    rounded[index] = value
  }
  return { values: rounded, clipped }
}

/** Exact. An explicit loop, which in Node 24 is three times as fast as the constructor and `set`. */
export const toFloat32 = (values: Float16Array): Float32Array => {
  const widened = new Float32Array(values.length)
  for (let index = 0; index < values.length; index++) widened[index] = values[index]!
  return widened
}
