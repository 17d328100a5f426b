import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PatchLook, placesOf } from '../../electron/contract/placement.ts'
import { findImages } from '../../electron/engine/images/find.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES } from '../../electron/engine/model/preprocess.ts'
import { frameClassifier } from '../../electron/engine/patch/classify.ts'
import { noisePatch } from '../../electron/engine/patch/controls.ts'
import { BATCH, experimentReadings, variantsOf } from '../../electron/engine/patch/experiment/readings.ts'
import { classifierKey, enterModel } from '../../electron/engine/registry/enter.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { putExperiment } from '../../electron/engine/store/experiments.ts'
import { createProject } from '../../electron/engine/store/open.ts'
import { putFolder, putPhotographs } from '../../electron/engine/store/photographs.ts'
import { appendTrials } from '../../electron/engine/store/trials.ts'
import { edgeOf } from '../fixtures/classifier.ts'
import { random } from '../fixtures/random.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { interleaved, type Ratio } from './interleaved.ts'

export interface PatchTiming extends Ratio {
  readonly compositions: number
  readonly compositionsPerSecond: number
  /** Compositions per second, decoding, composing and storing included, to those of plain batched forward passes; the target is at least .85. */
  readonly throughput: number
}

/**
 * An experiment from files to trials in a project, against plain forward passes over as many frames: the same batch,
 * the same threads, the same number of passes under way at once.
 */
export async function timePatches(
  classifier: Classifier,
  runtime: Runtime,
  files: readonly string[],
  { rounds = 3 } = {},
): Promise<PatchTiming> {
  const size = edgeOf(classifier)
  const design = {
    patches: [0, 1].map(patch => ({
      patch,
      look: PatchLook.parse({ aspect: 'square' }),
      picture: noisePatch(0, patch),
    })),
    sizes: [0.2, 0.4, 0.7],
    places: placesOf({ kind: 'corners' }),
    source: 0,
    target: 1,
  }
  const compositions = files.length * (variantsOf(design) + 1)
  const batches = Math.ceil(compositions / BATCH)
  const uniform = random(1)
  const frames = Uint8Array.from({ length: BATCH * size * size * 3 }, () => 256 * uniform())
  const program = await loadLogits(classifier, runtime)
  const forward = async (): Promise<void> => {
    let running: Promise<unknown> | undefined
    for (let batch = 0; batch < batches; batch++) {
      const n = Math.min(BATCH, compositions - batch * BATCH)
      const data = frames.subarray(0, n * size * size * 3)
      const next = program.run({ [BYTES]: { type: 'uint8', dims: [n, size, size, 3], data } })
      await running
      running = next
    }
    await running
  }
  const folder = await mkdtemp(join(tmpdir(), 'portolan-bench-'))
  // After the project is closed, which reports where its file is missing.
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true }))
  using db = createProject(join(folder, 'bench.portolan'), { command: 'bench' })
  enterModel(db, classifier)
  const photographs = files.map(file => ({
    relative: file,
    class: null,
    status: 'ok' as const,
    hash: file,
    width: 1,
    height: 1,
  }))
  const images = putPhotographs(db, putFolder(db, folder, 'bench'), photographs)
  const subjects = files.map((file, k) => ({ file, image: images[k]!, next: -1 }))
  let runs = 0
  const experiment = async (): Promise<void> => {
    const models = [{ model: classifier.hash, classifier: classifierKey(classifier), source: 0, target: 1 }]
    const { id } = putExperiment(db, { key: `bench ${runs++}`, kind: 'experiment', plan: null, models, now: 0 })
    const net = await frameClassifier(classifier, runtime)
    for await (const readings of experimentReadings(net, design, subjects))
      appendTrials(db, { experiment: id, model: 0 }, readings)
    await net.release()
  }
  const ratio = await interleaved(rounds, experiment, forward)
  await program.release()
  return { ...ratio, compositions, compositionsPerSecond: compositions / ratio.seconds, throughput: 1 / ratio.ratio }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      photographs: { type: 'string', default: '6' },
    },
  })
  const model = sharedFolder('models/bvlc_googlenet.onnx')
  const photographs = sharedFolder('images/imagenet-1000')
  if (!model || !photographs) throw new Error('../shared is absent')
  const classifier = await loadClassifier(model)
  const runtime = await createCpuRuntime({ threads: Number(values.threads) })
  const { images } = await findImages([photographs])
  const files = images.slice(0, Number(values.photographs)).map(({ file }) => file)
  const { throughput, cpuRatio, compositions, compositionsPerSecond } = await timePatches(classifier, runtime, files, {
    rounds: Number(values.rounds),
  })
  console.log(
    `${compositions} compositions: ${compositionsPerSecond.toFixed(1)} a second, ${(100 * throughput).toFixed(0)} % of forward passes alone` +
      ` (${(100 / cpuRatio).toFixed(0)} % in processor time)`,
  )
  await runtime.close()
}
