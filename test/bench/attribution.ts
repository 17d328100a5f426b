import { parseArgs } from 'node:util'
import { createAttributor } from '../../electron/engine/attribution/attributor.ts'
import type { Classifier, Layer } from '../../electron/engine/model/classifier.ts'
import { loadLogits } from '../../electron/engine/model/classify.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES } from '../../electron/engine/model/preprocess.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { edgeOf } from '../fixtures/classifier.ts'
import { random } from '../fixtures/random.ts'
import { sharedFolder } from '../fixtures/shared.ts'
import { interleaved, type Ratio } from './interleaved.ts'

export interface AttributionTiming extends Ratio {
  readonly layers: readonly string[]
  readonly positionsPerImage: number
  /** Cost of one position, in all these layers, to every class, in forward passes of one image; what must not exceed 3. */
  readonly passesPerPosition: number
}

/** Attribution of one position to all classes, held against plain forward passes over as many images. */
export async function timeAttribution(
  classifier: Classifier,
  runtime: Runtime,
  layers: readonly Layer[],
  positionsPerImage: number,
  { batch = 16, rounds = 3 } = {},
): Promise<AttributionTiming> {
  const size = edgeOf(classifier)
  const uniform = random(1)
  const bytes = Uint8Array.from({ length: batch * size * size * 3 }, () => 256 * uniform())
  const feeds = { [BYTES]: { type: 'uint8', dims: [batch, size, size, 3], data: bytes } } as const
  const imageOf = Array.from({ length: batch * positionsPerImage }, (_, i) => Math.floor(i / positionsPerImage))
  const unit = ({ height, width }: Layer): number[] => imageOf.map(() => Math.floor(uniform() * height * width))
  const units = new Map(layers.map(layer => [layer.name, unit(layer)]))
  const forward = await loadLogits(classifier, runtime)
  const attributor = await createAttributor(classifier, runtime, layers)
  const ratio = await interleaved(
    rounds,
    () => attributor.run(bytes, { imageOf, units }),
    () => forward.run(feeds),
  )
  await Promise.all([attributor.release(), forward.release()])
  return {
    ...ratio,
    layers: layers.map(({ name }) => name),
    positionsPerImage,
    passesPerPosition: ratio.ratio / positionsPerImage,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '3' } },
  })
  const model = sharedFolder('models/bvlc_googlenet.onnx')
  if (!model) throw new Error('../shared is absent')
  const classifier = await loadClassifier(model)
  const runtime = await createCpuRuntime({ threads: Number(values.threads), maxSessions: 2 })
  const named = (...names: string[]) => classifier.layers.filter(({ name }) => names.includes(name))
  const sets = [named('mixed3a'), named('mixed3b'), named('mixed4c'), named('mixed5b'), classifier.layers]
  for (const positions of [1, 2])
    for (const layers of sets) {
      const rounds = Number(values.rounds)
      const { passesPerPosition, cpuRatio } = await timeAttribution(classifier, runtime, layers, positions, { rounds })
      console.log(
        `${layers.map(({ name }) => name)}, ${positions} a photograph: ${passesPerPosition.toFixed(2)} forward passes per position` +
          ` (${(cpuRatio / positions).toFixed(2)} in processor time)`,
      )
    }
  await runtime.close()
}
