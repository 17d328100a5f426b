import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extract } from '../../electron/engine/onnx/graph.ts'
import { readGraph } from '../../electron/engine/onnx/read.ts'
import { elements, float32 } from '../../electron/engine/onnx/tensor.ts'
import { writeGraph } from '../../electron/engine/onnx/write.ts'
import { createCpuRuntime } from '../../electron/engine/runtime/onnxruntime/cpu.ts'
import type { Runtime } from '../../electron/engine/runtime/runtime.ts'
import { networks } from '../fixtures/networks.ts'
import { normals } from '../fixtures/random.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createCpuRuntime({ threads: 1 })
})
afterAll(() => runtime.close())

const image = (n: number, size: number) => float32([n, 3, size, size], normals(7, n * 3 * size * size))

describe.each(Object.entries(networks))('%s', (_, build) => {
  test('a written graph is read as it was', () => {
    const { graph } = build()
    expect(readGraph(writeGraph(graph), { file: 'written.onnx' })).toEqual(graph)
  })

  test('equal graphs are written as equal bytes', () => {
    expect(writeGraph(build({ seed: 3 }).graph)).toEqual(writeGraph(build({ seed: 3 }).graph))
    expect(writeGraph(build({ seed: 3 }).graph)).not.toEqual(writeGraph(build({ seed: 4 }).graph))
  })

  test('ONNX Runtime runs it, at every layer, with free and with fixed lengths', async () => {
    for (const options of [{}, { batch: 2, height: 32, width: 32 }]) {
      const { graph, layers, logits, classes, size } = build(options)
      const outputs = [...layers, logits, 'prob'].map(name => ({ name, type: 'float32' as const, shape: [] }))
      const program = await runtime.load(extract(graph, outputs))
      const results = await program.run({ data: image(2, size) })
      expect(results[logits]!.dims).toEqual([2, classes])
      for (const layer of layers) {
        const { dims, data } = results[layer]!
        expect(dims.slice(2).every(edge => edge >= 2)).toBe(true)
        const values = Array.from(data, Number)
        expect(values.every(Number.isFinite)).toBe(true)
        // A layer that is constant would make every test of gradients pass.
        expect(new Set(values).size).toBeGreaterThan(values.length / 8)
      }
      const prob = Array.from(results.prob!.data, Number)
      expect(prob.reduce((sum, p) => sum + p, 0)).toBeCloseTo(2, 4)
      await program.release()
    }
  })

  test('half-precision weights change outputs by rounding only, and halve the file', async () => {
    const { graph, size } = build({ channels: 16 })
    const bytes = writeGraph(graph, { weights: 'float16' })
    const weights = [...graph.initializers.values()].reduce((sum, { dims }) => sum + elements(dims), 0)
    expect(bytes.length).toBeLessThan(weights * 4)
    const [whole, half] = await Promise.all(
      [graph, readGraph(bytes, { file: 'half.onnx' })].map(async each => {
        const program = await runtime.load(each)
        return Array.from((await program.run({ data: image(1, size) })).prob!.data, Number)
      }),
    )
    for (const [index, p] of whole!.entries()) expect(half![index]).toBeCloseTo(p, 2)
    expect(half).not.toEqual(whole)
  })
})
