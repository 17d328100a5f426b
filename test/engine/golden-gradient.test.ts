import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lower } from '../../electron/engine/autodiff/lower.ts'
import { gradient, gradientOf } from '../../electron/engine/autodiff/reverse.ts'
import type { Classifier } from '../../electron/engine/model/classifier.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { BYTES, withBytes } from '../../electron/engine/model/preprocess.ts'
import { extract } from '../../electron/engine/onnx/graph.ts'
import { float32 } from '../../electron/engine/onnx/tensor.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { edgeOf } from '../fixtures/classifier.ts'
import { cosine, golden, goldenModel, goldenNumbers, goldenPixels, length } from '../fixtures/golden.ts'
import { skipReason } from '../fixtures/shared.ts'

const cases = (golden?.images ?? []).flatMap(({ file, gradients }) =>
  gradients.map(gradient => ({ ...gradient, file, place: `${gradient.layer} at ${gradient.y},${gradient.x}` })),
)

describe.skipIf(!golden || !goldenModel)(`GoogLeNet's gradients${golden ? '' : ` (${skipReason})`}`, () => {
  let runtime: Runtime
  let classifier: Classifier
  beforeAll(async () => {
    runtime = await createCpuRuntime({ threads: 2 })
    classifier = await loadClassifier(goldenModel!)
  })
  afterAll(() => runtime.close())

  it.each(cases)('of $place with respect to $file are those of an independent implementation', async expected => {
    const { input, graph } = classifier
    const size = edgeOf(classifier)
    const layer = classifier.layers.find(({ name }) => name === expected.layer)!
    const { channels, height, width, tensor } = layer
    const backward = gradient(graph, { of: tensor, seed: 'direction', wrt: [input] })
    const slope = { name: gradientOf(input), type: 'float32', shape: ['N', 3, size, size] } as const
    const key = `gradient of ${expected.layer}`
    const program = await runtime.load(withBytes(extract(lower(backward), [slope]), classifier), { key })

    const direction = float32([1, channels, height, width])
    for (const [k, value] of goldenNumbers(expected.direction_file).entries())
      direction.data[(k * height + expected.y) * width + expected.x] = value
    const rgb = await goldenPixels(expected.file)
    const bytes = { type: 'uint8', dims: [1, size, size, 3], data: rgb } as const
    const found = (await program.run({ [BYTES]: bytes, direction }))[gradientOf(input)]!
    await program.release()

    const ours = Float32Array.from(found.data, Number)
    expect(cosine(ours, goldenNumbers(expected.input_gradient_file))).toBeGreaterThanOrEqual(
      golden!.tolerances.gradient_cosine,
    )
    // A cosine does not see the scale.
    expect(length(ours) / expected.l2).toBeCloseTo(1, 2)
  })
})
