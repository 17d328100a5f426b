import { afterAll, beforeAll, expect, test } from 'vitest'
import { FidelityScorer } from '../../electron/engine/inversion/fidelity.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

const classifier = classifierFrom(networks.inception({}))
let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const SIZE = 40

async function scored(layer: (typeof classifier.layers)[number], rgb: Float32Array) {
  const scorer = await FidelityScorer.create(classifier, runtime, layer, SIZE, 1)
  const own = await scorer.activations(rgb)
  const [self] = await scorer.scores(rgb, own)
  const [other] = await scorer.scores(rgb, normals(7, layer.channels).map(Math.abs))
  await scorer.release()
  return { self: self!, other: other! }
}

test.each(classifier.layers.map(layer => [layer.name, layer] as const))(
  'robust fidelity of %s changes the picture only, not the place that the unit looks at',
  async (_, layer) => {
    // Grey everywhere, outside too: shifts, rotations and scales change nothing about it.
    const grey = new Float32Array(3 * SIZE * SIZE).fill(0.5)
    const { self, other } = await scored(layer, grey)
    expect(self.fidelity).toBeCloseTo(1, 5)
    expect(self.robustFidelity).toBeCloseTo(1, 5)
    expect(other.robustFidelity).toBeCloseTo(other.fidelity, 5)
  },
)

test('robust fidelity is lower where the picture depends on single pixels', async () => {
  const layer = classifier.layers[0]!
  const noise = normals(3, 3 * SIZE * SIZE).map(value => 1 / (1 + Math.exp(-value)))
  const { self } = await scored(layer, noise)
  expect(self.fidelity).toBeCloseTo(1, 5)
  expect(self.robustFidelity).toBeLessThan(0.999)
})
