import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Attributor, createAttributor } from '../../electron/engine/attribution/attributor.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { cosine, golden, goldenModel, goldenNumbers, goldenPixels, length } from '../fixtures/golden.ts'
import { skipReason } from '../fixtures/shared.ts'

describe.skipIf(!golden || !goldenModel)(`GoogLeNet's attributions${golden ? '' : ` (${skipReason})`}`, () => {
  const images = golden?.images ?? []
  const named = [...new Set(images.flatMap(image => image.attributions.map(({ layer }) => layer)))]
  let runtime: Runtime
  let classifier: Classifier
  let attributor: Attributor
  beforeAll(async () => {
    runtime = await createCpuRuntime({ threads: 2 })
    classifier = await loadClassifier(goldenModel!)
    attributor = await createAttributor(classifier, runtime, layersOf())
  })
  afterAll(() => runtime.close())
  const layersOf = () => classifier.layers.filter(({ name }) => named.includes(name))

  it.each(images)('are those of an independent implementation: $file', async ({ file, attributions }) => {
    const rgb = await goldenPixels(file)
    const most = Math.max(...named.map(name => attributions.filter(({ layer }) => layer === name).length))
    const requested = new Map(named.map(name => [name, attributions.filter(({ layer }) => layer === name)]))
    const units = layersOf().map(({ name, width }) => {
      const at = requested.get(name)!.map(({ y, x }) => y * width + x)
      return [name, Array.from({ length: most }, (_, i) => at[i] ?? 0)] as const
    })
    const found = await attributor.run(rgb, { imageOf: new Array(most).fill(0), units: new Map(units) })

    const classes = classifier.labels.length
    for (const [name, expected] of requested)
      for (const [sample, { file }] of expected.entries()) {
        const reference = goldenNumbers(file)
        const ours = found.get(name)!.attributions.subarray(sample * classes, (sample + 1) * classes)
        expect(reference).toHaveLength(classes)
        expect(cosine(ours, reference), file).toBeGreaterThanOrEqual(golden!.tolerances.attribution_cosine)
        // A cosine does not see the scale.
        expect(length(ours) / length(reference), file).toBeCloseTo(1, 2)
      }
  })
})
