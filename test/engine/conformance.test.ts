import { describe, expect, test } from 'vitest'
import { conform, passes } from '../../electron/engine/conformance/suite.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { conformance, type Report } from '../conformance/child.ts'
import { nativeTensorflow } from '../conformance/native-tensorflow.ts'
import { softwareWebgpu } from '../conformance/software.ts'
import { classifierFrom } from '../fixtures/classifier.ts'
import { faultyBackend } from '../fixtures/faulty-runtime.ts'
import { networks } from '../fixtures/networks.ts'

const software = await softwareWebgpu()
const absent = 'absent' in software ? software.absent : undefined
const native = nativeTensorflow()
const unbuilt = 'absent' in native ? native.absent : undefined
/** Of one layer. */
const CHECKS = 5

function expectConformance({ rows }: Report, networks: number): void {
  expect(rows).toHaveLength(CHECKS * networks)
  expect(rows.filter(row => !passes(row))).toEqual([])
}

describe('forward passes, gradients, directional derivatives, steps and inversions agree with the CPU on', () => {
  test('the CPU with more threads', async () => expectConformance(await conformance('cpu', []), 6))
  test('TensorFlow in WebAssembly', async () => expectConformance(await conformance('tensorflow', []), 6))
  test.skipIf(unbuilt !== undefined)(
    `TensorFlow's own library${unbuilt === undefined ? '' : ` (skipped: ${unbuilt})`}`,
    async () => expectConformance(await conformance('tensorflow', [], unbuilt === undefined ? { ...native } : {}), 6),
  )
  test.skipIf(absent !== undefined)(
    `WebGPU in software${absent === undefined ? '' : ` (skipped: ${absent})`}`,
    async () => {
      // A step takes it a second: one network, few steps. `npm run conformance` runs all.
      const report = await conformance(
        'webgpu',
        ['--networks', 'plain', '--steps', '2'],
        absent === undefined ? { ...software } : {},
      )
      expectConformance(report, 1)
      expect(report.fallbacks!.of).toBeGreaterThan(report.fallbacks!.nodes)
    },
    240_000,
  )
})

test('a runtime whose numbers are a twentieth off is detected in passes, derivatives and steps', async () => {
  const classifier = classifierFrom(networks.plain())
  const size = { edge: 32, batch: 2, steps: 20, wholeFrame: true }
  const [reference, wrong] = await Promise.all([
    createCpuRuntime({ threads: 1 }),
    faultyBackend('webgpu', { changesAt: 1, change: value => 1.05 * value }).open(),
  ])
  const rows = await conform(wrong, reference, classifier, classifier.layers.at(-1)!, size)
  await Promise.all([reference.close(), wrong.close()])
  // Its icons are a twentieth off as well, less than one tipped ReLU may be worth.
  expect(rows.filter(row => !passes(row)).map(({ check }) => check)).toEqual([
    'forward',
    'gradient',
    'derivative',
    'step',
  ])
})
