import type { Metric } from '../../electron/contract/layout.ts'
import { Space } from '../../electron/engine/layout/native/space.ts'
import { type Neighbours, neighbours, roomFor } from '../../electron/engine/layout/neighbours.ts'
import { axesFor, firstAxes, principalCoordinates } from '../../electron/engine/layout/pca.ts'
import { layoutQuality } from '../../electron/engine/layout/quality.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { Random } from '../../electron/engine/random/random.ts'

type Made = Samples & { readonly rows: Float32Array }

/** n samples around `centres` far-apart points, sample i around centre i mod centres. */
export const blobs = (n: number, channels: number, centres: number, seed = 1): Made => {
  const draw = new Random('blobs', seed)
  const middle = Array.from({ length: centres * channels }, () => 5 * draw.gaussian())
  const rows = Float32Array.from({ length: n * channels }, (_, p) => {
    const centre = Math.floor(p / channels) % centres
    return middle[centre * channels + (p % channels)]! + draw.gaussian()
  })
  return { rows, n, channels }
}

/** n points of a rolled-up sheet in three channels, and where they lie on it unrolled. */
export const swissRoll = (n: number, seed = 1): Made => {
  const draw = new Random('roll', seed)
  const rows = new Float32Array(n * 3)
  for (let i = 0; i < n; i++) {
    const turn = 1.5 * Math.PI * (1 + 2 * draw.uniform())
    rows.set([turn * Math.cos(turn), 21 * draw.uniform(), turn * Math.sin(turn)], 3 * i)
  }
  return { rows, n, channels: 3 }
}

export const noise = (n: number, channels: number, seed = 1): Made => {
  const draw = new Random('noise', seed)
  return { rows: Float32Array.from({ length: n * channels }, () => draw.gaussian()), n, channels }
}

/** What a stage needs that does not matter here. */
export const calm = { signal: new AbortController().signal, report: () => {} }

const inSpace = async <T>(
  samples: Samples,
  metric: Metric,
  room: ReturnType<typeof roomFor>,
  use: (space: Space) => Promise<T>,
): Promise<T> => {
  const space = await Space.open(samples, metric, room)
  try {
    return await use(space)
  } finally {
    await space.close()
  }
}

interface Search {
  readonly k: number
  readonly metric: Metric
  readonly seed?: number
  readonly exactBelow?: number
}

/** Neighbours of samples, in a space of their own. */
export const neighboursOf = (samples: Samples, { k, metric, seed = 1, exactBelow }: Search): Promise<Neighbours> =>
  inSpace(samples, metric, roomFor(samples.n, k, exactBelow), space =>
    neighbours(space, { k, seed, ...calm, ...(exactBelow !== undefined && { exactBelow }) }),
  )

/** Principal coordinates of samples, [n, dimensions]. */
export const principalOf = (samples: Samples, dimensions: number, metric: Metric, seed: number) =>
  inSpace(samples, metric, { k: 1, candidates: 1, axes: axesFor(dimensions) }, async space =>
    firstAxes(await principalCoordinates(space, dimensions, seed), axesFor(dimensions), dimensions),
  )

/** Quality of a layout of samples. */
export const qualityOfLayout = (
  samples: Samples,
  positions: Float64Array,
  dimensions: number,
  metric: Metric,
  seed: number,
  checked?: number,
) =>
  inSpace(samples, metric, roomFor(samples.n, 15), space =>
    layoutQuality(space, positions, dimensions, seed, calm.signal, calm.report, checked),
  )
