/** Inner product in float64 of `count` numbers from a[p] and b[q] on, in four independent sums. */
export function dot(a: Float32Array, p: number, b: Float32Array, q: number, count: number): number {
  // Separate declarations: destructured from a literal they are slow in V8 (measured: half the speed).
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let c = 0
  for (; c + 3 < count; c += 4) {
    s0 += a[p + c]! * b[q + c]!
    s1 += a[p + c + 1]! * b[q + c + 1]!
    s2 += a[p + c + 2]! * b[q + c + 2]!
    s3 += a[p + c + 3]! * b[q + c + 3]!
  }
  for (; c < count; c++) s0 += a[p + c]! * b[q + c]!
  return s0 + s1 + s2 + s3
}

/** Cosine from an inner product and two squared lengths; 0 when either vector is zero. */
export function cosineFrom(inner: number, a: number, b: number): number {
  return a > 0 && b > 0 ? inner / Math.sqrt(a * b) : 0
}

/** Cosine of two vectors of equal length; 0 when either is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const n = a.length
  return cosineFrom(dot(a, 0, b, 0, n), dot(a, 0, a, 0, n), dot(b, 0, b, 0, n))
}
