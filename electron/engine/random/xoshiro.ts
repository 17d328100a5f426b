/** A source of numbers in [0, 1). */
export type Random = () => number

/**
 * xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32 from a seed and the name of the stage, so
 * that stages of one seed draw from unrelated streams.
 * @returns uniform multiples of 2⁻³² in [0, 1)
 */
export const random = (seed: number, stage: string): Random => {
  let mix = (seed ^ (Math.floor(seed / 2 ** 32) * 0x9e3779b9)) | 0
  for (let c = 0; c < stage.length; c++) mix = Math.imul(mix ^ stage.charCodeAt(c), 0x01000193)
  const fill = (): number => {
    mix = (mix + 0x9e3779b9) | 0
    let z = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return z ^ (z >>> 16)
  }
  let [a, b, c, d] = [fill(), fill(), fill(), fill()]
  return () => {
    const turned = Math.imul(b, 5)
    const result = Math.imul((turned << 7) | (turned >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return (result >>> 0) / 2 ** 32
  }
}

/** A standard normal number (Box and Muller 1958). */
export const gaussian = (draw: Random): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/** `count` different indices below n, ascending; all of them when count ≥ n. */
export const subset = (n: number, count: number, draw: Random): Int32Array => {
  const all = Int32Array.from({ length: n }, (_, i) => i)
  if (count >= n) return all
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(draw() * (n - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  return all.slice(0, count).sort()
}
