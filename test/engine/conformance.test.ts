import { describe, expect, test } from 'vitest'
import { conformance, type Report } from '../conformance/child.ts'
import { softwareWebgpu } from '../conformance/software.ts'
import { passes } from '../conformance/suite.ts'

const software = await softwareWebgpu()
const absent = 'absent' in software ? software.absent : undefined

function expectConformance({ rows }: Report, networks: number): void {
  expect(rows).toHaveLength(4 * networks)
  expect(rows.filter(row => !passes(row))).toEqual([])
}

describe('forward passes, gradients, directional derivatives and inversions agree with the CPU on', () => {
  test('the CPU with more threads', async () => expectConformance(await conformance('cpu', []), 6))
  test('TensorFlow in WebAssembly', async () => expectConformance(await conformance('tensorflow', []), 6))
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
