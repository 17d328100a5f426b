import { parseArgs } from 'node:util'
import { decodedBatches } from '../../electron/engine/images/batches.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES } from '../../electron/engine/model/preprocess.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { collect } from '../../electron/engine/sampling/collect.ts'
import { edgeOf } from '../fixtures/classifier.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { interleaved, type Ratio } from './interleaved.ts'

export interface SamplingTiming extends Ratio {
  readonly photographs: number
  readonly photographsPerSecond: number
  /** Photographs per second of sampling to those of plain forward passes; the target is at least .8. */
  readonly throughput: number
}

/**
 * Sampling from files, all layers, against forward passes over the same photographs, decoded beforehand:
 * the same batch, the same threads, and the same number of passes under way at once.
 */
export async function timeSampling(
  classifier: Classifier,
  runtime: Runtime,
  sources: readonly { readonly file: string }[],
  { batch = 16, rounds = 3, positionsPerImage = 2 } = {},
): Promise<SamplingTiming> {
  const { resize } = classifier.preprocessing
  const size = edgeOf(classifier)
  const decoded = await Array.fromAsync(decodedBatches(sources, { size, resize, batch }), ({ images, bytes }) => ({
    [BYTES]: { type: 'uint8', dims: [images.length, size, size, 3], data: bytes } as const,
  }))
  const program = await loadLogits(classifier, runtime)
  const forward = async (): Promise<void> => {
    let running: Promise<unknown> | undefined
    for (const feeds of decoded) {
      const next = program.run(feeds)
      await running
      running = next
    }
    await running
  }
  const options = { classifier, runtime, sources, positionsPerImage, seed: 1, batch }
  const ratio = await interleaved(rounds, () => Array.fromAsync(collect(options), ({ done }) => done), forward)
  await program.release()
  return {
    ...ratio,
    photographs: sources.length,
    photographsPerSecond: sources.length / ratio.seconds,
    throughput: 1 / ratio.ratio,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      photographs: { type: 'string', default: '96' },
    },
  })
  const model = sharedFolder('models/bvlc_googlenet.onnx')
  const folders = ['images/imagenet-1000', 'images/cc-by-1000'].map(sharedFolder)
  if (!model || !folders.every(folder => folder !== undefined)) throw new Error('../shared is absent')
  const classifier = await loadClassifier(model)
  const runtime = await createCpuRuntime({ threads: Number(values.threads) })
  for (const folder of folders) {
    const { images } = await findImages([folder])
    const sources = images.slice(0, Number(values.photographs))
    const { throughput, cpuRatio, photographsPerSecond } = await timeSampling(classifier, runtime, sources, {
      rounds: Number(values.rounds),
    })
    console.log(
      `${folder}: ${photographsPerSecond.toFixed(1)} photographs a second, ${(100 * throughput).toFixed(0)} % of forward passes alone` +
        ` (${(100 / cpuRatio).toFixed(0)} % in processor time)`,
    )
  }
  await runtime.close()
}
