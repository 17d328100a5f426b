import { parseArgs } from 'node:util'
import { LayoutParams } from '../../electron/contract/layout.ts'
import { computeLayout } from '../../electron/engine/layout/compute.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { Random } from '../../electron/engine/random/random.ts'

/** Rectified activations near a 20-dimensional subspace: what layers look like to a neighbour search. */
const activations = (n: number, channels: number): Samples => {
  const draw = new Random('bench', 1)
  const axes = Float64Array.from({ length: 20 * channels }, () => draw.gaussian())
  const rows = new Float32Array(n * channels)
  for (let i = 0; i < n; i++) {
    const at = Float64Array.from({ length: 20 }, () => draw.gaussian())
    for (let c = 0; c < channels; c++) {
      let sum = 0.5 * draw.gaussian()
      for (let a = 0; a < 20; a++) sum += at[a]! * axes[a * channels + c]!
      rows[i * channels + c] = Math.max(0, sum)
    }
  }
  return { rows, n, channels }
}

export interface LayoutTiming {
  readonly method: string
  readonly n: number
  readonly channels: number
  /** Seconds of each stage, in the order in which they ran. */
  readonly stages: Readonly<Record<string, number>>
  readonly seconds: number
  /** Of this thread and the search library, whatever else the machine does. */
  readonly cpuSeconds: number
  readonly trustworthiness: number | undefined
  readonly recall: number
  readonly peakMegabytes: number
}

/** Times one layout, stage by stage. */
export const timeLayout = async (n: number, channels: number, params: LayoutParams): Promise<LayoutTiming> => {
  const samples = activations(n, channels)
  const began = performance.now()
  const cpu = process.cpuUsage()
  const stages: Record<string, number> = {}
  let last = began
  const made = await computeLayout(samples, params, 1, new AbortController().signal, ({ stage }) => {
    const now = performance.now()
    stages[stage] = (stages[stage] ?? 0) + (now - last) / 1e3
    last = now
  })
  const used = process.cpuUsage(cpu)
  return {
    method: params.method,
    n,
    channels,
    stages,
    seconds: (performance.now() - began) / 1e3,
    cpuSeconds: (used.user + used.system) / 1e6,
    trustworthiness: made.quality?.trustworthiness.value,
    recall: made.neighbours.recall,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      n: { type: 'string', default: '10000' },
      channels: { type: 'string', default: '512' },
      method: { type: 'string', default: 'umap' },
      neighbours: { type: 'string', default: '20' },
      perplexity: { type: 'string', default: '30' },
    },
  })
  const params = LayoutParams.parse({
    method: values.method,
    neighbours: Number(values.neighbours),
    perplexity: Number(values.perplexity),
  })
  console.log(JSON.stringify(await timeLayout(Number(values.n), Number(values.channels), params), undefined, 1))
}
