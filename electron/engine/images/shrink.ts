/**
 * A square picture at a smaller size: every new pixel is the mean of the area that it covers. For pictures as small as
 * icons this takes a fifth of the time of a sharp pipeline for each.
 * @param rgb [edge, edge, 3] @param to new edge, at most `edge`
 * @returns [to, to, 3]
 */
export function shrink(rgb: Uint8Array, edge: number, to: number): Uint8Array {
  if (to === edge) return rgb
  if (to > edge) throw new RangeError(`${to} px is more than ${edge} px`)
  const { first, weights, span } = spans(edge, to)
  const wide = new Float32Array(edge * to * 3)
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < to; x++)
      for (let k = 0; k < span; k++) {
        const weight = weights[x * span + k]!
        if (weight === 0) continue
        const from = 3 * (y * edge + first[x]! + k)
        const at = 3 * (y * to + x)
        wide[at]! += weight * rgb[from]!
        wide[at + 1]! += weight * rgb[from + 1]!
        wide[at + 2]! += weight * rgb[from + 2]!
      }
  const small = new Uint8ClampedArray(to * to * 3)
  const row = new Float32Array(3 * to)
  for (let y = 0; y < to; y++) {
    row.fill(0)
    for (let k = 0; k < span; k++) {
      const weight = weights[y * span + k]!
      if (weight === 0) continue
      const from = 3 * to * (first[y]! + k)
      for (let p = 0; p < 3 * to; p++) row[p]! += weight * wide[from + p]!
    }
    small.set(row, 3 * to * y)
  }
  return new Uint8Array(small.buffer)
}

interface Spans {
  /** [to], the first pixel that each new one covers. */
  readonly first: Int32Array
  /** [to, span], weights with the sum 1. */
  readonly weights: Float32Array
  readonly span: number
}

const known = new Map<string, Spans>()

function spans(edge: number, to: number): Spans {
  const key = `${edge} ${to}`
  const found = known.get(key)
  if (found !== undefined) return found
  const step = edge / to
  const span = Math.ceil(step) + 1
  const first = Int32Array.from({ length: to }, (_, x) => Math.floor(x * step))
  const weights = new Float32Array(to * span)
  for (let x = 0; x < to; x++)
    for (let k = 0; k < span; k++) {
      const pixel = first[x]! + k
      const covered = Math.min(pixel + 1, (x + 1) * step) - Math.max(pixel, x * step)
      if (pixel < edge && covered > 1e-9) weights[x * span + k] = covered / step
    }
  const result = { first, weights, span }
  known.set(key, result)
  return result
}
