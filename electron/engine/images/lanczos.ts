/** Lobes of the kernel on each side. */
const LOBES = 3

/** sinc(x) · sinc(x/3) within three lobes. */
export function lanczos3(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const t = Math.PI * x
  return (LOBES * Math.sin(t) * Math.sin(t / LOBES)) / (t * t)
}

/** The weights of old pixels in each new one, from `first` on; their sum is 1. */
interface Taps {
  readonly first: Int32Array
  readonly weights: readonly Float64Array[]
}

/**
 * Antialiased: when downscaling, the kernel is scaled to the old pixels of a new one. libvips averages in blocks first,
 * which is faster, but visibly different at a seventh of the size.
 */
function tapsOf(from: number, to: number): Taps {
  const scale = from / to
  const wide = Math.max(1, scale)
  const first = new Int32Array(to)
  const weights = Array.from({ length: to }, (_, pixel) => {
    const centre = (pixel + 0.5) * scale
    const start = Math.max(0, Math.floor(centre - LOBES * wide + 0.5))
    const end = Math.min(from, Math.floor(centre + LOBES * wide + 0.5))
    first[pixel] = start
    const taps = Float64Array.from({ length: end - start }, (_, k) => lanczos3((start + k + 0.5 - centre) / wide))
    const sum = taps.reduce((a, b) => a + b, 0)
    return taps.map(tap => tap / sum)
  })
  return { first, weights }
}

/**
 * Resizes with a true Lanczos kernel, columns first. Colours are weighted by their opacity, so that
 * transparent areas leave no fringe.
 * @param rgba 8-bit sRGB, [height, width, 4], not premultiplied
 * @returns [rows, columns, 4], not premultiplied
 */
export function lanczosResize(
  { rgba, width, height }: { readonly rgba: Uint8Array; readonly width: number; readonly height: number },
  columns: number,
  rows: number,
): Uint8Array {
  if (columns === width && rows === height) return rgba.slice()
  const across = tapsOf(width, columns)
  const narrow = new Float32Array(4 * columns * height)
  const multiplied = new Float32Array(4 * width)
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = 4 * y * width; x < width; x++, at += 4) {
      const opacity = rgba[at + 3]! / 255
      for (let channel = 0; channel < 3; channel++) multiplied[4 * x + channel] = rgba[at + channel]! * opacity
      multiplied[4 * x + 3] = rgba[at + 3]!
    }
    for (let x = 0; x < columns; x++) gather(multiplied, across, x, 4, 0, narrow, 4 * (y * columns + x))
  }
  const down = tapsOf(height, rows)
  const result = new Uint8ClampedArray(4 * columns * rows)
  const pixel = new Float32Array(4)
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      gather(narrow, down, y, 4 * columns, 4 * x, pixel, 0)
      const opacity = pixel[3]! / 255
      const at = 4 * (y * columns + x)
      // Clamped arrays round to the nearest and clip the kernel's overshoot.
      for (let channel = 0; channel < 3; channel++)
        result[at + channel] = opacity > 0 ? pixel[channel]! / Math.min(1, opacity) : 0
      result[at + 3] = pixel[3]!
    }
  return new Uint8Array(result.buffer)
}

function gather(
  from: Float32Array,
  { first, weights }: Taps,
  pixel: number,
  step: number,
  offset: number,
  into: Float32Array,
  at: number,
): void {
  const taps = weights[pixel]!
  let [red, green, blue, opacity] = [0, 0, 0, 0]
  for (let k = 0, source = first[pixel]! * step + offset; k < taps.length; k++, source += step) {
    const tap = taps[k]!
    red += tap * from[source]!
    green += tap * from[source + 1]!
    blue += tap * from[source + 2]!
    opacity += tap * from[source + 3]!
  }
  into[at] = red
  into[at + 1] = green
  into[at + 2] = blue
  into[at + 3] = opacity
}
