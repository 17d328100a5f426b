import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { newLayout } from '../../electron/contract/layout.ts'
import { gatherIslands } from '../../electron/engine/layout/islands.ts'
import { Space } from '../../electron/engine/layout/native/space.ts'
import { neighbours, roomFor } from '../../electron/engine/layout/neighbours.ts'
import { normalise } from '../../electron/engine/layout/normalise.ts'
import { axesFor, firstAxes, noisyStart, principalCoordinates } from '../../electron/engine/layout/pca.ts'
import { layoutQuality } from '../../electron/engine/layout/quality.ts'
import type { Samples } from '../../electron/engine/layout/samples.ts'
import { stabilityOf } from '../../electron/engine/layout/stability.ts'
import { allowedPerplexity, tsne } from '../../electron/engine/layout/tsne.ts'
import { umap } from '../../electron/engine/layout/umap.ts'
import { Random } from '../../electron/engine/random/random.ts'

/*
 * How far a layout depends on its seed: Procrustes distance and shared neighbours between the layouts of several seeds.
 *   node test/bench/stability.ts --file activations.f32 --channels 512 --n 10000 [--epochs 200] [--method tsne]
 * The file holds float32 activations, [samples, channels]; n of them are chosen at random.
 */

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      channels: { type: 'string', default: '512' },
      n: { type: 'string', default: '10000' },
      seeds: { type: 'string', default: '3' },
      epochs: { type: 'string' },
      method: { type: 'string', default: 'umap' },
    },
  })
  if (values.file === undefined) throw new Error('--file is required: float32 activations')
  const { signal } = new AbortController()
  const report = (): void => {}
  const channels = Number(values.channels)
  const bytes = readFileSync(values.file)
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4 / channels) * channels)
  const chosen = new Random('stability', 1).subset(all.length / channels, Number(values.n))
  const samples: Samples = { rows: new Float32Array(chosen.length * channels), n: chosen.length, channels }
  chosen.forEach((from, to) => {
    samples.rows.set(all.subarray(from * channels, (from + 1) * channels), to * channels)
  })
  const method = values.method === 'tsne' ? 'tsne' : 'umap'
  const params = newLayout({ method, ...(values.epochs === undefined ? {} : { epochs: Number(values.epochs) }) })
  const perplexity = allowedPerplexity(params.perplexity, samples.n)
  const k = method === 'umap' ? params.neighbours - 1 : Math.ceil(3 * perplexity)
  const space = await Space.open(samples, params.metric, roomFor(samples.n, k))
  const near = await neighbours(space, { k, seed: 1, signal, report })
  const layouts: Float64Array[] = []
  const seconds: number[] = []
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    const principal = firstAxes(await principalCoordinates(space, 2, seed), axesFor(2), 2)
    const start = noisyStart(principal, seed)
    const cpu = process.cpuUsage()
    const made =
      method === 'umap'
        ? (await umap([{ neighbours: near, start }], params, seed, signal, report))[0]!
        : await tsne(near, start, { ...params, perplexity }, signal, report)
    seconds.push(process.cpuUsage(cpu).user / 1e6)
    layouts.push(normalise(params.epochs === 'by size' ? await gatherIslands(made, 2, signal) : made, 2))
  }
  const { pairs } = await stabilityOf(
    layouts.map(layout => Float32Array.from(layout)),
    signal,
    report,
  )
  const quality = await layoutQuality(space, layouts[0]!, 2, 1, signal, report)
  await space.close()
  console.log(JSON.stringify({ method, n: samples.n, epochs: params.epochs, seconds, pairs, quality }))
}
