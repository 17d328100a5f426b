import { expect, onTestFinished, test } from 'vitest'
import { secondMoment } from '../../electron/engine/atlas/moment.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import { normals } from '../fixtures/random.ts'

test('the second moment counts photographs, also where a page ends within one', async () => {
  const runtime = await createCpuRuntime({ threads: 1 })
  onTestFinished(() => runtime.close())
  const [channels, n] = [3, 7]
  const rows = Float32Array.from(normals(4, n * channels))
  const photographs = [5, 5, 8, 8, 8, 2, 5]
  const pages = [rows.subarray(0, 3 * channels), rows.subarray(3 * channels)].map(values => ({ values }))
  const found = await secondMoment(runtime, channels, pages, sample => photographs[sample]!)
  const row = (s: number) => rows.subarray(s * channels, (s + 1) * channels)
  const product = (s: number, t: number) => row(s).reduce((sum, value, c) => sum + value * row(t)[c]!, 0)
  // Samples 0 and 1, 2 to 4, 5, and 6, which is of another photograph than the first although it has its number.
  const groups = [[0, 1], [2, 3, 4], [5], [6]]
  const squares = groups.flatMap(group => group.flatMap(s => group.map(t => product(s, t) ** 2)))
  expect(found).toMatchObject({ channels, samples: n, photographs: 4 })
  expect(found.squares).toBeCloseTo(
    squares.reduce((a, b) => a + b),
    4,
  )
  expect(found.fourth).toBeCloseTo(
    [...Array(n).keys()].reduce((sum, s) => sum + product(s, s) ** 2, 0),
    4,
  )
})
