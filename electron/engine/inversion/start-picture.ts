/** The kernel ends after this many standard deviations. */
const REACH = 3

/**
 * The picture that an icon starts from: the mean of crops, blurred by a Gaussian whose weights beyond the edge are left out.
 * @param crops each [size, size, 3], red, green, blue
 * @param blur  standard deviation, px
 * @returns [size, size, 3] in 0 … 1
 */
export function blurredMean(crops: readonly Uint8Array[], size: number, blur: number): Float32Array {
  const mean = new Float64Array(3 * size ** 2)
  for (const crop of crops) for (let i = 0; i < mean.length; i++) mean[i]! += crop[i]! / 255 / crops.length
  const across = blurredAlong(mean, size, 1, size, blur)
  return Float32Array.from(blurredAlong(across, size, size, 1, blur))
}

/** @param step pixels from one value of a line to the next @param next pixels from one line to the next */
function blurredAlong(rgb: Float64Array, size: number, step: number, next: number, blur: number): Float64Array {
  const reach = Math.ceil(REACH * blur)
  const weights = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp(-0.5 * (d / blur) ** 2))
  const blurred = new Float64Array(rgb.length)
  for (let at = 0; at < size; at++) {
    const [from, to] = [Math.max(0, at - reach), Math.min(size - 1, at + reach)]
    let total = 0
    for (let other = from; other <= to; other++) total += weights[Math.abs(other - at)]!
    for (let other = from; other <= to; other++) {
      const weight = weights[Math.abs(other - at)]! / total
      for (let line = 0; line < size; line++)
        for (let c = 0; c < 3; c++)
          blurred[3 * (at * step + line * next) + c]! += weight * rgb[3 * (other * step + line * next) + c]!
    }
  }
  return blurred
}
