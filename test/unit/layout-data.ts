import type { Samples } from '../../electron/engine/layout/samples.ts'
import { Random } from '../../electron/engine/random/random.ts'

/** n samples around `centres` far-apart points, sample i around centre i mod centres. */
export const blobs = (n: number, channels: number, centres: number, seed = 1): Samples => {
  const draw = new Random('blobs', seed)
  const middle = Array.from({ length: centres * channels }, () => 5 * draw.gaussian())
  const rows = Float32Array.from({ length: n * channels }, (_, p) => {
    const centre = Math.floor(p / channels) % centres
    return middle[centre * channels + (p % channels)]! + draw.gaussian()
  })
  return { rows, n, channels }
}

/** n points of a rolled-up sheet in three channels, and where they lie on it unrolled. */
export const swissRoll = (n: number, seed = 1): Samples => {
  const draw = new Random('roll', seed)
  const rows = new Float32Array(n * 3)
  for (let i = 0; i < n; i++) {
    const turn = 1.5 * Math.PI * (1 + 2 * draw.uniform())
    rows.set([turn * Math.cos(turn), 21 * draw.uniform(), turn * Math.sin(turn)], 3 * i)
  }
  return { rows, n, channels: 3 }
}

export const noise = (n: number, channels: number, seed = 1): Samples => {
  const draw = new Random('noise', seed)
  return { rows: Float32Array.from({ length: n * channels }, () => draw.gaussian()), n, channels }
}

/** What a stage needs that does not matter here. */
export const calm = { signal: new AbortController().signal, report: () => {} }
